"""Text files, tables and web pages in the encodings that people's programs write."""

from functools import partial

from tests.utils.reading.made.sample import Sample


def written(text: str, encoding: str, extra: bytes = b"") -> bytes:
    """Return a text in an encoding, with bytes behind it that are none of it."""
    return text.encode(encoding) + extra


_ROWS = (
    ("french", "cp1252", "Déjà vu à l’école, ça coûte 5 €\n"),
    ("german", "cp1252", "Größe\n"),
    ("spanish", "cp1252", "El niño comió piña\n"),
    ("polish", "cp1250", "Zażółć gęślą jaźń\n"),
    ("turkish", "cp1254", "ığdır çok güzel şehir.\n"),
    ("russian", "cp1251", "Привет, мир\n"),
    ("greek", "cp1253", "Καλημέρα κόσμε\n"),
    ("japanese", "shift_jis", "日本語のテキストです。\n"),
    ("chinese", "gbk", "你好，世界\n"),
    ("korean", "euc-kr", "안녕하세요 세계\n"),
    ("wide", "utf-16-le", "Name und Größe\n"),
    ("marked", "utf-16", "Name und Größe\n"),
)
_LONG = "plain line of text\n" * 11_000 + "Größe\n"
_KANA = ("あ" * 7 + "\n") * 20_000
_PAGE = "<html><head><meta charset='windows-1251'></head><body><p>Привет, мир</p></body></html>"

_TABLES = (
    "<html><body><nav><ul><li><a href='/'>Home</a></li></ul></nav><h2>Prices</h2><table>"
    "<tr><td>Tea</td><td>three</td></tr><tr><td>Milk</td><td>two</td></tr></table>"
    "Valid until <b>March</b><div>Old <span>stock</span></div></body></html>"
)

SAMPLES = [
    *(Sample(f"text_{name}.txt", partial(written, text, encoding), text) for name, encoding, text in _ROWS),
    Sample(
        "text_bad_byte.txt", partial(written, "Größe und Straße\n" * 20, "utf-8", b"\xff\n"), "Größe und Straße " * 20
    ),
    Sample("text_cut.txt", partial(written, "日本語です\n", "utf-8", "語".encode()[:2]), "日本語です"),
    Sample("text_late.txt", partial(written, _LONG, "cp1252"), _LONG),
    Sample("text_long.txt", partial(written, _KANA, "shift_jis"), _KANA),
    Sample("table_names.csv", partial(written, "Name;Stadt\nJosé;Málaga\n", "cp1252"), "Name Stadt José Málaga"),
    Sample("table_wide.csv", partial(written, "Name,City\nAnn,Köln\n", "utf-16-le"), "Name City Ann Köln"),
    Sample(
        "table_equal.csv",
        partial(written, "Team,Home,Away,Pts\nRed,2,2,1\nBlue,,,3\n", "utf-8"),
        "Team Home Away Pts Red 2 2 1 Blue 3",
    ),
    Sample("page_named.html", partial(written, _PAGE, "cp1251"), "Привет мир"),
    Sample(
        "page_plain.html", partial(written, "<html><body><p>Boats at rest</p></body></html>", "utf-8"), "Boats at rest"
    ),
    Sample(
        "page_table.html", partial(written, _TABLES, "utf-8"), "Prices Tea three Milk two Valid until March Old stock"
    ),
    Sample("notes.md", partial(written, "# Top\n## Empty\n## Full\ntext\n", "utf-8"), "Top Empty Full text"),
]
