"""Texts of DOS and of the old Mac: no browser knows their encodings, so they are told by the letters of languages."""

from pathlib import Path

import pytest

from utils.reading.block import Block
from utils.reading.worker import read_file

TEXTS = {
    "German": ("Größe, Straße und schöne Grüße aus München.\n", ("cp437", "cp850", "mac_roman", "cp1252")),
    "French": ("Déjà vu à l'école, ça coûte très cher.\n", ("cp437", "cp850", "mac_roman", "cp1252")),
    "Portuguese": ("Não há ação sem coração, São João.\n", ("cp850", "mac_roman", "cp1252")),
    "Danish": ("Rødgrød med fløde på en ø.\n", ("cp865", "mac_roman", "cp1252")),
    "Polish": ("Zażółć gęślą jaźń, Kraków i Gdańsk.\n", ("cp852", "mac_latin2", "cp1250", "iso8859-2")),
    "Hungarian": ("Árvíztűrő tükörfúrógép.\n", ("cp852", "cp1250", "iso8859-2")),
    "Turkish": ("Güzel şehir, ığdır çok yağmurlu.\n", ("cp857", "cp1254")),
    "Greek": ("Καλημέρα κόσμε, αυτό είναι ένα κείμενο.\n", ("cp737", "cp1253", "iso8859-7")),
    "Russian": ("Привет, мир! Отчёт за март: это всё.\n", ("cp866", "mac_cyrillic", "koi8-r", "cp1251")),
    "English": ("It’s “quoted” text — here… with dashes\n", ("mac_roman", "cp1252")),
    "one word of German": ("Müller;Köln\n", ("cp437", "mac_roman", "cp1252")),
    "a folder's tree": ("├── src\n│   └── café\n", ("cp437",)),
    "Chinese": ("你好，世界。这是一个中文文本。\n", ("gb18030",)),
    "Japanese": ("こんにちは世界。これは日本語の表です。\n", ("shift_jis", "euc_jp", "iso2022_jp")),
    "Korean": ("안녕하세요 세계. 이것은 한국어 텍스트입니다.\n", ("euc_kr", "iso2022_kr")),
}
CASES = [(language, encoding) for language, (_, encodings) in TEXTS.items() for encoding in encodings]


@pytest.mark.parametrize(("language", "encoding"), CASES, ids="-".join)
def test_a_text_is_read_in_the_encoding_that_its_letters_tell(language: str, encoding: str, tmp_path: Path):
    text = TEXTS[language][0]
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    read = [part.text for part in read_file(tmp_path / "a.txt", "a.txt") if isinstance(part, Block)]
    assert read == text.rstrip("\n").split("\n")
