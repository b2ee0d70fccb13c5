"""Numbers of sources in a text, such as [1], made into links.

It leaves alone what stands in code and in links, and numbers of which no source is known.
"""

import re
from collections.abc import Mapping

from utils.markdown_blocks import pieces

_MARK = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`).*?(?<!`)\2(?!`))|(?P<link>\[[^][]*\]\([^()]*\))|\[(?P<number>\d{1,3})\](?![(:])"
)


def with_links(text: str, targets: Mapping[int, str]) -> str:
    """Return Markdown in which the number of each source leads to its target."""

    def linked(mark: re.Match[str]) -> str:
        target = targets.get(int(mark["number"] or -1))
        return rf"[\[{mark['number']}\]]({target})" if target else mark[0]

    drawn = (
        piece if kind in ("fence", "indented", "maths") else _MARK.sub(linked, piece)
        for _, kind, piece, _ in pieces(text)
    )
    return "".join(drawn) if targets else text
