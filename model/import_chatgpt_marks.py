"""The marks in ChatGPT's texts, which its page turns into names, links and cards: what of them is words stays.

A mark is U+E200, its kind, U+E202, its fields with U+E202 between them, U+E201. The message's `content_references` say
of many marks what stands in their place. OpenAI publishes no description; this follows the texts in
https://github.com/daugaard47/ChatGPT_Conversations_To_Markdown/issues/8 and
https://github.com/pionxzh/chatgpt-exporter/pull/330.
"""

import json
import re
from typing import Any

from model.imported import clean, dict_of, list_of

_MARK = re.compile("\ue200([^\ue200\ue201]*)\ue201")
_BARE = re.compile("[\ue200-\ue206]")  # what is left of a mark that was broken off
_REFERENCE = re.compile(r"(?:turn\d+\w+|L\d+(?:-L\d+)?|\d+)(?:,\s*turn\d+\w+)*")
_LINK = re.compile(r"https?://[^\s<>]+")
# Marks that stand for something beside the text: its source, a card, a map, pictures.
_WITHOUT_WORDS = ("cite", "filecite", "memcite", "entity_metadata", "i", "image_group", "map", "memory")

_WIDGET = "genui"  # of these only blocks of formulas hold words


def readable(text: str, references: Any) -> tuple[str, int]:
    """Return a text with the words of its marks in their places, and how many marks had none."""
    if not _BARE.search(text):
        return text, 0
    shown = {clean(row.get("matched_text")): _shown(row) for row in map(dict_of, list_of(references))}
    missing = 0

    def words(mark: re.Match[str]) -> str:
        nonlocal missing
        found = shown.get(mark[0]) or _words(mark[1].split("\ue202"))
        missing += not found
        return found

    return _BARE.sub("", _MARK.sub(words, text)), missing


def _shown(reference: dict[str, Any]) -> str:
    """Return what ChatGPT's page shows in the place of a mark, as far as the export tells."""
    return clean(reference.get("alt")).strip()


def _words(fields: list[str]) -> str:
    """Return the words in a mark; "" where it has none."""
    kind, *fields = (field.strip() for field in fields)
    if kind == _WIDGET:
        return _formula("".join(fields))
    if kind in _WITHOUT_WORDS:
        return ""
    words = [field for field in map(_field, fields) if field and not _REFERENCE.fullmatch(field)]
    links = [field for field in words if _LINK.fullmatch(field)]
    named = [field for field in words if field not in links]
    if named and links:
        return f"[{named[0]}](<{links[0]}>)"
    return (named or links or [""])[0]


def _formula(text: str) -> str:
    """Return the formula that a widget shows; "" for any other widget."""
    try:
        widgets = dict_of(json.loads(text))
    except (ValueError, RecursionError):
        return ""
    texts = [clean(dict_of(value).get("content")).strip() for name, value in widgets.items() if "math" in name]
    return "".join(f"\n$$\n{one}\n$$\n" for one in texts if one)


def _field(text: str) -> str:
    """Return a field's words: of ["city", "Oslo", "…"] it is the name behind the kind."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        return clean(value.get("name") or value.get("title"))
    texts = [clean(part) for part in value if isinstance(part, str)] if isinstance(value, list) else []
    return texts[min(1, len(texts) - 1)] if texts else ""
