r"""A formula as MathML, by latex2mathml, which comes with ziamath; every browser draws it.

latex2mathml lets a formula write any markup: ``\text{<script>}``, ``\href``, ``\style``. So what it gives is built anew
from an allow-list, and a formula with anything else in it stays the source that it is.
"""

from functools import lru_cache
from html import escape
from typing import Any

from utils.text.formulas import is_simple, latex_of, without_chemistry

ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover"
    " munderover mmultiscripts mprescripts mtable mtr mtd menclose".split()
)
ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence form separator accent accentunder largeop movablelimits symmetric lspace rspace"
    " minsize maxsize linethickness displaystyle scriptlevel width height depth voffset columnalign rowspacing"
    " columnspacing columnlines rowlines notation".split()
)
_MATHML = "http://www.w3.org/1998/Math/MathML"


@lru_cache(maxsize=256)
def as_mathml(source: str) -> str:
    """Return a formula, with its marks, as MathML; as its source in ``<code>`` where it can't be that."""
    latex, is_inline = latex_of(source)
    latex = without_chemistry(latex)
    return (is_simple(latex) and _converted(latex, is_inline)) or f"<code>{escape(source)}</code>"


def _converted(latex: str, is_inline: bool) -> str:
    """Return MathML of harmless elements; "" where there are others, or the formula is none."""
    # Imported here: few need it.
    from latex2mathml.converter import convert
    from lxml import etree

    try:
        root = etree.fromstring(
            convert(latex, display="inline" if is_inline else "block"),
            etree.XMLParser(resolve_entities=False, no_network=True),
        )
    except Exception:  # its parser raises all kinds at what is no LaTeX
        return ""
    if not all(_is_harmless(element) for element in root.iter()):
        return ""
    return str(etree.tostring(root, encoding="unicode", method="xml"))


def _is_harmless(element: Any) -> bool:
    """Take away what an element may not say; return whether it may stand at all."""
    if not isinstance(element.tag, str) or element.tag.removeprefix(f"{{{_MATHML}}}") not in ELEMENTS:
        return False
    for name in set(element.attrib) - ATTRIBUTES:
        del element.attrib[name]
    return True
