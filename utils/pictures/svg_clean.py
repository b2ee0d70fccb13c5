"""A drawing (SVG) of a stranger, made harmless: read strictly, then built anew from an allow-list.

Not on it are scripts, styles, links, pictures, filters, animations, and `use`, with which a few lines draw a billion
shapes. Source: https://developer.mozilla.org/docs/Web/SVG/Reference.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from utils.text.characters import capped

SHAPES = frozenset("path rect circle ellipse line polyline polygon text tspan".split())
GROUPS = frozenset("svg g defs linearGradient radialGradient marker clipPath".split())
ELEMENTS = SHAPES | GROUPS | {"stop", "title", "desc"}
WITH_TEXT = frozenset(("text", "tspan", "title", "desc"))
# Inside these nothing may lead to another one: each step would multiply what has to be drawn.
NOT_NESTED = frozenset(("marker", "clipPath"))
MAX_REPEATED_BYTES = 2_000  # of each of these: they are drawn again wherever something points at them

_PLACES = "x y x1 y1 x2 y2 cx cy r rx ry width height dx dy fx fy d points transform viewBox preserveAspectRatio"
_PAINT = (
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit"
    " stroke-dasharray stroke-dashoffset opacity color display visibility vector-effect paint-order clip-rule"
)
_TEXT = (
    "font-family font-size font-weight font-style text-anchor dominant-baseline alignment-baseline letter-spacing"
    " word-spacing text-decoration textLength lengthAdjust rotate"
)
_GRADIENTS = "offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod"
_MARKERS = "refX refY markerWidth markerHeight markerUnits orient clipPathUnits"
POINTERS = frozenset("marker-start marker-end clip-path".split())
ATTRIBUTES = frozenset(f"id {_PLACES} {_PAINT} {_TEXT} {_GRADIENTS} {_MARKERS}".split()) | POINTERS

# No colon, at-sign, backslash or semicolon: no address, import, escape or second declaration can be written.
_PLAIN = re.compile(r"[\w\s.,#%()+'\"/-]*", re.A)
_WORDS = re.compile(r"[^<>&:;@\\{}\x00-\x1f]*")
_OWN = re.compile(r"url\(\s*['\"]?#([A-Za-z][\w-]{0,63})['\"]?\s*\)(\s+(none|[a-z]{3,20}|#[0-9a-fA-F]{3,8}))?")
_ID = re.compile(r"[A-Za-z][\w-]{0,63}", re.A)
_NUMBER = re.compile(r"[-+]?(\d{1,7}(\.\d{0,10})?|\.\d{1,10})(e[-+]?\d{1,2})?", re.I | re.A)
_CALLS = re.compile(r"([A-Za-z-]+)\s*\(")
_FUNCTIONS = frozenset("rgb rgba hsl hsla translate translatex translatey scale rotate skewx skewy matrix".split())
MAX_DASHES = 12
LEAST_DASH = 0.5  # finer dashes on a long line can keep a browser busy for minutes


def value_of(name: str, value: str) -> str | None:
    """Return an attribute's value where it is harmless, else None."""
    value = " ".join(value.split())
    if name == "id":
        return value if _ID.fullmatch(value) else None
    if "url" in value.lower():
        return value if _OWN.fullmatch(value) and name in POINTERS | {"fill", "stroke"} else None
    if name == "font-family":
        return value if _WORDS.fullmatch(value) and len(value) < 200 and "(" not in value else None
    if not _PLAIN.fullmatch(value) or "/*" in value or not _calls_known(value):
        return None
    return value if name != "stroke-dasharray" or _is_coarse(value) else None


def declarations(style: str) -> dict[str, str]:
    """Return what a `style` attribute says, as the attributes that mean the same."""
    pairs = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def number(text: str | None) -> float | None:
    """Return the number of a length in pixels; None for none, or for one in other units."""
    found = _NUMBER.fullmatch((text or "").strip().lower().removesuffix("px"))
    return float(found[0]) if found else None


def _calls_known(value: str) -> bool:
    return all(call.lower() in _FUNCTIONS for call in _CALLS.findall(value))


def _is_coarse(value: str) -> bool:
    """Return whether no dash is so fine, and no row of dashes so long, that drawing them takes for ever."""
    dashes = [number(part) for part in re.split(r"[\s,]+", value)]
    is_fine = any(dash is None or 0 < dash < LEAST_DASH for dash in dashes)
    return value == "none" or (len(dashes) <= MAX_DASHES and not is_fine and any(dashes))


SIDE_PX = 4, 4_000  # the least and the most
DEFAULT_PX = 300.0, 150.0  # what browsers take where a drawing says nothing


def _frame(root: Mapping[str, str]) -> tuple[float, float, str]:
    """Return a drawing's width and height in pixels, and the part of the plane that it shows. Raises: ValueError."""
    box = [number(part) for part in root["viewBox"].replace(",", " ").split()]
    left, top, across, down = box if len(box) == 4 else (0.0, 0.0, None, None)
    width_px, height_px = number(root["width"]), number(root["height"])
    across, down = across or width_px or DEFAULT_PX[0], down or height_px or DEFAULT_PX[1]
    width_px = width_px or (height_px * across / down if height_px else across)
    height_px = height_px or width_px * down / across
    scale = min(1.0, SIDE_PX[1] / max(width_px, height_px))
    width_px, height_px = width_px * scale, height_px * scale
    if min(width_px, height_px) < SIDE_PX[0] or min(across, down) <= 0:
        raise ValueError("The drawing is too narrow or too flat to be seen.")
    return width_px, height_px, f"{left or 0:g} {top or 0:g} {across:g} {down:g}"


def paper_of(box: str) -> dict[str, str]:
    """Return the attributes of a white sheet under all of a drawing, which may be looked at in the dark."""
    left, top, *_ = box.split()
    return {"x": left, "y": top, "width": "100%", "height": "100%", "fill": "#ffffff"}


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
    width_px, height_px, box = _frame({name: root.get(name, "") for name in ("width", "height", "viewBox")})
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
    """Return the root of a drawing. Raises: ValueError."""
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
    """Return whether this is drawn in many places, and large."""
    from lxml import etree

    return name in NOT_NESTED and len(etree.tostring(element)) > MAX_REPEATED_BYTES


def _text(text: str | None) -> str | None:
    return text and capped("".join(letter for letter in text if letter.isprintable() or letter in "\n\t"))
