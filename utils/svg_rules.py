"""What a drawing may hold: the allow-list of `utils/svg_clean.py`, which read next.

Only shapes, text and colours are on it. What is not: scripts, styles, links, pictures inside the picture, filters,
animations, and `use`, with which a few lines can ask a browser to draw a billion shapes.
Source: https://developer.mozilla.org/docs/Web/SVG/Reference.
"""

import re

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
    """Tell whether no dash is so fine, and no row of dashes so long, that drawing them takes for ever."""
    dashes = [number(part) for part in re.split(r"[\s,]+", value)]
    is_fine = any(dash is None or 0 < dash < LEAST_DASH for dash in dashes)
    return value == "none" or (len(dashes) <= MAX_DASHES and not is_fine and any(dashes))
