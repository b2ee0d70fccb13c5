"""A drawing (SVG) of a stranger, made harmless: read strictly, then built anew from what is known to be good.

Nothing is taken out of the stranger's tree; what `utils/svg_rules.py` allows is copied into a new one, so that whatever
was not thought of is not there. It leaves out how it is shown: as a picture, never as part of a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from utils.combining import capped
from utils.svg_frame import frame, paper_of
from utils.svg_rules import (
    ATTRIBUTES,
    ELEMENTS,
    MAX_REPEATED_BYTES,
    NOT_NESTED,
    POINTERS,
    WITH_TEXT,
    declarations,
    value_of,
)

MAX_BYTES = 200_000
MAX_ELEMENTS = 4_000
MAX_DEPTH = 24
NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass
class Drawing:
    """A harmless drawing, how large it is, and what was left out of it."""

    svg: str
    width_px: float
    height_px: float
    left_out: list[str] = field(default_factory=list)


def clean_svg(text: str) -> Drawing:
    """Return a drawing without anything but shapes, text and colours, on white paper.

    Raises: ValueError, with one sentence, when it is no SVG, or is too large.
    """
    # Imported here: few need it.
    from lxml import etree

    root = _parsed(text)
    copy = _Copy()
    clean = etree.Element(f"{{{NAMESPACE}}}svg", nsmap={None: NAMESPACE})
    width_px, height_px, box = frame({name: root.get(name, "") for name in ("width", "height", "viewBox")})
    for name, value in (("width", f"{width_px:g}"), ("height", f"{height_px:g}"), ("viewBox", box)):
        clean.set(name, value)
    paper = etree.SubElement(clean, f"{{{NAMESPACE}}}rect", paper_of(box))
    copy.children(root, clean, depth=1, is_inside=False)
    if len(clean) == 1:
        raise ValueError("There is nothing to see in this drawing.")
    if clean[1].tag == paper.tag and dict(clean[1].attrib) == dict(paper.attrib):
        clean.remove(clean[1])  # it came from here, and has its paper already
    return Drawing(etree.tostring(clean, encoding="unicode"), width_px, height_px, list(copy.left_out))


@dataclass
class _Copy:
    """Copies elements, and notes what it does not copy."""

    left_out: dict[str, None] = field(default_factory=dict)  # names, in order
    count: int = 0

    def children(self, source: Any, target: Any, depth: int, is_inside: bool) -> None:
        """Copy what stands in an element; `is_inside` something that may not lead on to another.

        Raises: ValueError when there is too much of it.
        """
        from lxml import etree

        if depth > MAX_DEPTH:
            raise ValueError(f"The drawing is nested deeper than {MAX_DEPTH} levels.")
        for child in source:
            self.count += 1
            if self.count > MAX_ELEMENTS:
                raise ValueError(f"The drawing has more than {MAX_ELEMENTS:,} elements.")
            name = _name(child)
            if name in ELEMENTS and name != "svg" and not _is_repeated_much(child, name):
                copy = etree.SubElement(target, f"{{{NAMESPACE}}}{name}", self.attributes(child, is_inside))
                copy.text = _text(child.text) if name in WITH_TEXT else None
                self.children(child, copy, depth + 1, is_inside or name in NOT_NESTED)
                copy.tail = _text(child.tail) if _name(source) in WITH_TEXT else None
            elif name:
                self.left_out[name[:40]] = None

    def attributes(self, element: Any, is_inside: bool) -> dict[str, str]:
        """Return what an element says of itself, without what may not be said."""
        good: dict[str, str] = {}
        for name, value in _said(element):
            clean = value_of(name, value) if name in ATTRIBUTES else None
            if clean is None or (is_inside and name in POINTERS):
                self.left_out[name[:40]] = None
            else:
                good[name] = clean
        return good


def _parsed(text: str) -> Any:
    """Return the root of a drawing.

    Raises: ValueError.
    """
    from lxml import etree

    data = text.strip().encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise ValueError(f"The drawing is larger than {MAX_BYTES // 1000} kB.")
    if b"<!DOCTYPE" in data.upper() or b"<!ENTITY" in data.upper():
        raise ValueError("A drawing with a document type is not opened.")
    data = data[data.find(b"<svg") :]  # an XML declaration may name another encoding than the text came in
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"This is no valid SVG: {' '.join(str(error.msg).split())}.") from error
    if _name(root) != "svg":
        raise ValueError("This is no SVG: it has to begin with <svg.")
    return root


def _name(element: Any) -> str:
    """Return an element's name; one of another namespace has a name that nothing here has."""
    if not isinstance(element.tag, str):
        return ""  # an instruction to a program
    namespace, _, name = element.tag.rpartition("}")
    return name if namespace in ("", f"{{{NAMESPACE}") else f"{name} of another kind"


def _said(element: Any) -> Iterator[tuple[str, str]]:
    """Yield an element's attributes; those of a `style` too, which count more."""
    for name, value in element.attrib.items():
        if name != "style":
            yield name, value
    yield from declarations(element.get("style", "")).items()


def _is_repeated_much(element: Any, name: str) -> bool:
    """Tell whether this is drawn in many places, and large."""
    from lxml import etree

    return name in NOT_NESTED and len(etree.tostring(element)) > MAX_REPEATED_BYTES


def _text(text: str | None) -> str | None:
    return text and capped("".join(letter for letter in text if letter.isprintable() or letter in "\n\t"))
