"""A formula as a drawing, by ziamath; what that can't draw stays as it is."""

from dataclasses import dataclass
from functools import lru_cache

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.text.formulas import is_simple, without_chemistry

_DRAWN = re.compile(r"[\n\t\x20-\x7e\xa0-\xff\p{Greek}\p{Sm}\u2000-\u206f\u2100-\u23ff]+")


@dataclass(frozen=True)
class _Drawn:
    """A formula as SVG, and how large it is in points: how wide, and how far above and below the line."""

    svg: str
    width_pt: float
    above_pt: float
    below_pt: float


@lru_cache(maxsize=256)
def drawn(latex: str, size_pt: float, is_inline: bool) -> _Drawn | None:
    """Return a formula as a drawing; None where it can't be drawn."""
    latex = without_chemistry(latex)
    if not is_simple(latex) or not _DRAWN.fullmatch(latex):
        return None
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # every letter as a path of its own, which every reader of SVG knows
    try:
        formula = Latex(latex, size=size_pt, inline=is_inline)
        width_pt, height_pt = formula.getsize()
        svg = formula.svg()
    except Exception:  # its parsers raise all kinds at what is no LaTeX
        return None
    box = re.search(r'viewBox="\S+ (\S+) (\S+) (\S+)"', svg)
    if not box or min(width_pt, height_pt) <= 0:
        return None
    above_pt = -float(box[1])
    return _Drawn(svg, float(box[2]), above_pt, float(box[3]) - above_pt)
