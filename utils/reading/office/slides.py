"""PowerPoint files: what each slide says, then its notes and comments.

It leaves out pictures, but for the words that describe them, and what stands on the master of all slides.
Source: ECMA-376, part 1, chapters 19 and 21.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Progress, Read, joined
from utils.reading.office.drawings import body_text, drawn_texts
from utils.reading.office.package import ID, Package, child, local, value
from utils.reading.office.word_lines import opened_up

_TITLES = ("title", "ctrTitle")


def read_pptx(path: Path) -> Iterator[Read]:
    """Yield what each slide says, then what its notes and comments say. Raises: Unreadable."""
    package = Package(path)
    part = package.main("ppt/presentation.xml")
    listed = child(package.needed(part), "sldIdLst")
    relations = package.related(part)
    ids = [one.get(ID) or "" for one in listed] if listed is not None else []
    names = [relations[one].target for one in ids if one in relations]
    for number, name in enumerate(names, 1):
        yield from _slide(package, name, f"slide {number}")
        yield Progress(number, len(names), "slides")


def _slide(package: Package, part: str, section: str) -> Iterator[Block]:
    tree = child(package.needed(part), "cSld", "spTree")
    shapes = list(_shapes(tree)) if tree is not None else []
    title = " ".join(body_text(child(shape, "txBody")) for shape in shapes if _place(shape) in _TITLES)
    for shape in shapes:
        yield from (Block(text, section, heading=title) for text in _texts(package, part, shape) if text)
    for name in package.of_kind(part, "notesSlide"):
        notes = child(package.xml(name), "cSld", "spTree")
        for shape in _shapes(notes) if notes is not None else ():
            if _place(shape) != "sldNum" and (text := body_text(child(shape, "txBody"))):
                yield Block(text, f"{section}, notes", heading=title)
    for name in package.of_kind(part, "comments"):
        yield from (Block(text, f"{section}, comments", heading=title) for text in _comments(package.xml(name)))


def _shapes(tree: Any) -> Iterator[Any]:
    """Yield shapes in their order, also those in groups."""
    for one in opened_up(tree):
        if local(one) in ("sp", "graphicFrame", "pic", "cxnSp"):
            yield one
        elif local(one) not in ("nvGrpSpPr", "grpSpPr"):
            yield from _shapes(one)


def _place(shape: Any) -> str:
    """Return what a placeholder is for, such as the title; "" for any other shape."""
    properties = next((one for one in shape if local(one).startswith("nv")), None)
    found = child(properties, "nvPr", "ph")
    return "" if found is None else value(found, "type") or "body"


def _texts(package: Package, part: str, shape: Any) -> Iterator[str]:
    """Yield the texts of a shape, of a table by row; then what describes it."""
    if (body := child(shape, "txBody")) is not None:
        yield body_text(body)
    for one in shape.iter():
        if local(one) == "tr":
            yield joined([_cell(cell) for cell in one if local(cell) == "tc"])
        elif local(one) in ("chart", "relIds"):
            yield from drawn_texts(package, part, one)
    properties = next((one for one in shape if local(one).startswith("nv")), None)
    if words := (value(child(properties, "cNvPr"), "descr") or "").strip():
        yield f"Picture: {words}"


def _cell(cell: Any) -> str:
    """Return the words of a cell; one that is merged into another has none."""
    is_merged = any(value(cell, name) in ("1", "true") for name in ("hMerge", "vMerge"))
    return "" if is_merged else body_text(child(cell, "txBody"))


def _comments(root: Any) -> Iterator[str]:
    """Yield comments and the replies to them, of the old kind and of today's."""
    for one in () if root is None else root.iter():
        if local(one) in ("cm", "reply"):
            body = child(one, "txBody")
            text = body_text(body) if body is not None else (getattr(child(one, "text"), "text", "") or "")
            if text.strip():
                yield f"Comment: {text.strip()}"
