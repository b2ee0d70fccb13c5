"""An assistant's file: the same after a round trip, and one sentence for whatever is wrong with it."""

import base64
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from model.assistants.assistant import MOST_PICTURE_BYTES, Assistant
from model.assistants.file import MAX_BYTES, from_bytes, tidy, to_text
from model.chat.message_parts import Attachment
from model.errors import InputError
from utils.text.characters import is_emoji

LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ASSISTANTS = st.builds(
    Assistant,
    name=LINES,
    instructions=LINES,
    emoji=st.sampled_from(["💬", "🎓", "👩‍🔬", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "1️⃣", "✏️"]),
    about=LINES,
    starters=st.lists(LINES, max_size=8).map(tuple),
    tools=st.lists(LINES, max_size=5).map(tuple),
    provider=LINES,
    model_name=LINES,
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.none() | st.integers(1, 10_000_000),
    answer_schema=st.just({}) | st.just({"type": "object", "properties": {"a": {"type": "string"}}}),
    documents=st.lists(st.builds(Attachment, st.just("0" * 64), LINES, size_bytes=st.integers(0, 9)), max_size=3).map(
        tuple
    ),
    extra=st.dictionaries(st.sampled_from(["colour", "version"]), st.integers() | LINES),
)


def picture(kind: str = "PNG", side: int = 8) -> str:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "purple").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def file_with(body: str = "Be kind.", **values: object) -> bytes:
    lines = [f"{key}: {json.dumps(value)}" for key, value in {"name": "Ann", **values}.items()]
    return "\n".join(["---", *lines, "---", body]).encode()


@settings(deadline=None)
@given(ASSISTANTS)
def test_an_assistant_is_the_same_after_a_round_trip(assistant: Assistant):
    tidied = tidy(replace(assistant, name=f"A {assistant.name}"[:60]))
    assert from_bytes(to_text(tidied).encode()) == tidied


@given(st.binary(max_size=2000))
def test_any_bytes_give_an_assistant_or_a_sentence(data: bytes):
    for whole in (data, b"---\nname: x\n" + data + b"\n---\n"):
        try:
            assert from_bytes(whole).name
        except InputError as error:
            assert error.message.endswith(".")


def test_a_file_made_by_hand_is_read():
    assistant = from_bytes('---\nname: Cook\nemoji: 🍲\nstarters: ["Soup?"]\n---\n\nYou cook.\n'.encode())
    assert assistant == Assistant("Cook", "You cook.", "🍲", starters=("Soup?",))


def test_a_file_can_not_say_that_tools_run_unasked():
    assistant = from_bytes(file_with(asks_first=False, is_shipped=True, id="../x"))
    assert assistant.asks_first and not assistant.is_shipped and assistant.id == ""


def test_unknown_keys_are_kept():
    assistant = from_bytes(file_with(colour={"deep": ["red"]}))
    assert from_bytes(to_text(replace(assistant, name="Bob")).encode()).extra == {"colour": {"deep": ["red"]}}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_small_picture_is_kept(kind: str):
    assert from_bytes(file_with(picture=picture(kind))).picture_data


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\nb", "a b"), ("\u202eevil", "evil"), ("<b>Ann</b>", "<b>Ann</b>"), ("../../etc/passwd", "../../etc/passwd")],
)
def test_a_name_is_one_line_of_plain_text(name: str, shown: str):
    assert from_bytes(file_with(name=name)).name == shown


HOSTILE = {
    "empty": b"",
    "zeros": b"\0" * 1000,
    "huge": b"---\nname: x\n---\n" + b"a" * MAX_BYTES,
    "not UTF-8": b"---\nname: \xff\xfe\n---\n",
    "UTF-16": "---\nname: x\n---\n".encode("utf-16"),
    "a program": b"\x7fELF" + bytes(range(256)),
    "a zip": b"PK\x03\x04" + b"\0" * 50,
    "HTML": b"<html><script>alert(1)</script></html>",
    "JSON": b'{"name": "x"}',
    "no end": b"---\nname: x\n",
    "no name": b"---\nemoji: x\n---\n",
    "an empty name": file_with(name=" \n\t "),
    "an invisible name": file_with(name="\u202e\u2066\ufeff"),
    "a name that is a number": file_with(name=3),
    "a name that is a list": file_with(name=["x"]),
    "a name that is null": file_with(name=None),
    "a long name": file_with(name="x" * 61),
    "half a character": b'---\nname: "\\ud800"\n---\n',
    "half a character in an unknown key": b'---\nname: x\nzzz: ["\\udc00"]\n---\n',
    "an emoji with markup": file_with(emoji="<b>🎓</b>"),
    "an emoji with a link": file_with(emoji="[x](http://evil.example)"),
    "many emoji": file_with(emoji="🎓" * 13),
    "an emoji that is an icon": file_with(emoji=":material/home:"),
    "an empty emoji": file_with(emoji=""),
    "starters that are text": file_with(starters="Hi"),
    "starters of numbers": file_with(starters=[1, 2]),
    "many starters": file_with(starters=[str(n) for n in range(9)]),
    "a long starter": file_with(starters=["x" * 301]),
    "tools as an object": file_with(tools={"run_code": True}),
    "many tools": file_with(tools=[str(n) for n in range(21)]),
    "a tool with a long name": file_with(tools=["x" * 100]),
    "temperature as text": file_with(temperature="hot"),
    "temperature that is true": file_with(temperature=True),
    "temperature too high": file_with(temperature=2.1),
    "temperature that is no number": b"---\nname: x\ntemperature: NaN\n---\n",
    "temperature without end": b"---\nname: x\ntemperature: 1e999\n---\n",
    "no tokens": file_with(max_tokens=0),
    "tokens as a fraction": file_with(max_tokens=1.5),
    "very many tokens": file_with(max_tokens=10**30),
    "a schema that is text": file_with(answer_schema="x"),
    "a schema that is none": file_with(answer_schema={"type": "unknown"}),
    "a schema that fetches": file_with(answer_schema={"$ref": "http://evil.example/schema"}),
    "a document by path": file_with(documents=[{"sha256": "../../../etc/passwd", "name": "x"}]),
    "a document without a name": file_with(documents=[{"sha256": "0" * 64}]),
    "documents as text": file_with(documents="0" * 64),
    "documents with wrong types": file_with(documents=[{"sha256": 1, "name": 2}]),
    "many documents": file_with(documents=[{"sha256": "0" * 64, "name": "x"}] * 51),
    "a picture that is none": file_with(picture=base64.b64encode(b"<svg onload=alert(1)>").decode()),
    "a picture that is no base64": file_with(picture="!!!"),
    "a picture by address": file_with(picture="http://evil.example/x.png"),
    "a large picture": file_with(picture="A" * (MOST_PICTURE_BYTES * 2)),
    "a picture that unpacks to much": file_with(picture=picture(side=5100)),
    "deep nesting": b"---\nname: " + b"[" * 100_000 + b"\n---\n",
    "deep nesting in an unknown key": b"---\nname: x\nzzz: " + b'{"a":' * 50_000 + b"\n---\n",
    "a name twice": b"---\nname: a\nname: b\n---\n",
    "a line without a key": b"---\nname: a\n- b\n---\n",
    "a key with markup": b"---\nname: a\n<b>: b\n---\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gets_a_sentence(what: str):
    with pytest.raises(InputError) as caught:
        from_bytes(HOSTILE[what])
    assert caught.value.message.endswith(".") and caught.value.hint
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("text", ["🎓", "✏️", "👩‍🔬", "1️⃣", "🇩🇪"])
def test_an_emoji_is_one(text: str):
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "1", "💬a", "**", "\u200d", ":)", "🎓" * 13])
def test_other_text_is_no_emoji(text: str):
    assert not is_emoji(text)
