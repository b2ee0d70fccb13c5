"""What counts as a word, and the piece of a text that shows where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.words import MARK_BEGIN, MARK_END, snippet, words_of


def shown(text: str, sought: str, **options: int) -> str:
    piece = snippet(text, [words_of(word) for word in sought.split()], **options)
    return piece.replace(MARK_BEGIN, "[").replace(MARK_END, "]")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, WORLD!", ["hello", "world"]),
        ("don't snake_case x2", ["don", "t", "snake", "case", "x2"]),
        ("Café cafe\u0301 STRASSE straße", ["cafe", "cafe", "strasse", "strasse"]),
        ("Ёлка ΆΛΦΑς", ["елка", "αλφασ"]),
        ("北京 is 大", ["北", "京", "is", "大"]),
        ("カタカナ", ["カ", "タ", "カ", "ナ"]),
        ("한국어", ["한국어"]),
        ("हिन्दी", ["हिन्दी"]),
        ("مَرحبا", ["مرحبا"]),
        ('\0 "*" -() _ → © ±', []),
        ("Łódź Tromsø Đorđe Iğdır ığdır İzmir", ["lodz", "tromso", "dorde", "igdir", "igdir", "izmir"]),
        ("ÆTHER œuvre þing ðæt Ħamrun ŋ Ŧ ƒ ẞ ɓ ə ĸ ȷ", "aether oeuvre thing daet hamrun n t f ss b e q j".split()),
        ("Thanks👍🏽 🎉🎉 ❤️ 🇩🇪", ["thanks", "👍", "🎉", "🎉", "❤", "🇩", "🇪"]),
        ("👨‍👩‍👧 done✅", ["👨", "👩", "👧", "done", "✅"]),
    ],
)
def test_words_are_the_same_without_capitals_and_accents(text, words):
    assert words_of(text) == words


def test_every_letter_of_european_alphabets_is_found_by_what_people_type():
    for code in (*range(0xC0, 0x180), *range(0x1CD, 0x220), *range(0x222, 0x236), *range(0x1E00, 0x1EFA)):
        if (letter := chr(code)).isalpha() and letter not in "ŉẚẟ":
            assert words_of(letter)[0].isascii(), f"{letter} {words_of(letter)}"


def test_in_thai_vowels_that_stand_above_a_letter_count():
    assert words_of("กิน") != words_of("กัน")


@pytest.mark.parametrize(
    ("text", "sought", "piece"),
    [
        ("We cycle along the River Danube", "riv dan", "We cycle along the [River] [Danube]"),
        ("River here, and the river Danube", "river danube", "River here, and the [river Danube]"),
        ("Die STRASSE\n\nam  Café", "straße cafe", "Die [STRASSE] am [Café]"),
        ("In ŁÓDŹ 👍🏽!", "lodz 👍", "In [ŁÓDŹ 👍]🏽!"),
        ("我在北京吃北方菜", "北京", "我在[北京]吃北方菜"),
        ("a cat", "a", "[a] cat"),
        (f"kept {MARK_BEGIN}clean{MARK_END}", "clean", "kept [clean]"),
        ("nothing of it", "else", "nothing of it"),
        ("", "x", ""),
    ],
)
def test_a_snippet_marks_what_was_sought(text, sought, piece):
    assert shown(text, sought) == piece


def test_a_snippet_of_a_long_text_is_around_the_first_place():
    piece = shown("start " * 200 + "needle " + "end " * 200, "needle")
    assert piece.startswith("…start ") and "[needle] end" in piece and piece.endswith("…")
    assert len(piece) <= 124


@given(text=st.text(), sought=st.lists(st.text().map(words_of).filter(bool), min_size=1), length=st.integers(1, 40))
def test_a_snippet_is_a_piece_of_the_text(text, sought, length):
    piece = snippet(text, sought, length)
    plain = piece.replace(MARK_BEGIN, "").replace(MARK_END, "")
    clean = " ".join(text.replace(MARK_BEGIN, "").replace(MARK_END, "").split())
    assert plain in (clean, f"…{plain[1:]}", f"{plain[:-1]}…", f"…{plain[1:-1]}…")
    assert plain.strip("…") in clean
    assert piece.count(MARK_BEGIN) == piece.count(MARK_END)
