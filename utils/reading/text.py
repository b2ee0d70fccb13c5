"""Text files: plain text, source code, Markdown, CSV and web pages, whatever their encoding.

Read next: `utils/reading/worker.py`.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from utils.reading.block import Block, Notice, Read, Unreadable
from utils.reading.office import rows_with_head

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_SAMPLE_BYTES = 200_000  # guessing an encoding takes long, and more than this does not make it surer


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8 if it can be, else the encoding that it looks like."""
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:_SAMPLE_BYTES]).best()
    return data.decode(guess.encoding if guess else "cp1252", errors="replace")


def read_text(path: Path) -> Iterator[Read]:
    """Yield what stands between empty lines, with the numbers of the lines."""
    yield from _paragraphs(decoded(path.read_bytes()), is_markdown=False)


def read_markdown(path: Path) -> Iterator[Read]:
    """Yield what stands between empty lines, with its headings."""
    yield from _paragraphs(decoded(path.read_bytes()), is_markdown=True)


def _paragraphs(text: str, is_markdown: bool) -> Iterator[Read]:
    """Yield lines; a heading stands above what follows, and is a line of its own only where nothing follows."""
    headings: list[tuple[int, Block]] = []
    is_code, is_bare = False, False
    for number, line in enumerate(text.replace("\0", " ").splitlines(), 1):
        is_code ^= is_markdown and line.lstrip().startswith("```")
        block = Block(line.rstrip(), "", "line", number, " › ".join(block.text for _, block in headings))
        if not (title := _HEADING.match(line) if is_markdown and not is_code else None):
            is_bare = is_bare and not line.strip()
            yield block  # an empty one too: it tells where a passage may end
            continue
        level = len(title[1])
        if is_bare and level <= headings[-1][0]:
            yield headings[-1][1]
        headings = [(other, above) for other, above in headings if other < level]
        headings.append((level, Block(title[2], "", "line", number, " › ".join(above.text for _, above in headings))))
        is_bare = True
    if is_bare:
        yield headings[-1][1]


def read_table(path: Path) -> Iterator[Read]:
    """Yield the rows of a CSV or TSV file."""
    text = decoded(path.read_bytes()).replace("\0", " ")
    csv.field_size_limit(1 << 24)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = csv.reader(io.StringIO(text, newline=""), dialect)
    try:
        yield from rows_with_head(rows, "")
    except csv.Error as error:
        raise Unreadable("is a broken table", "Open it in a spreadsheet, save it again, and attach that.") from error


def read_html(path: Path) -> Iterator[Read]:
    """Yield the paragraphs of a web page, without its menus and footers."""
    import trafilatura
    from lxml.html import fromstring

    text = decoded(path.read_bytes())
    found = trafilatura.extract(text, output_format="markdown", include_tables=True, include_comments=False)
    if not found:
        yield Notice("No article was found in this page, so all of its text was read.")
        tree = fromstring(text.encode())
        for part in tree.xpath("//script|//style|//noscript"):
            part.drop_tree()
        found = "\n\n".join(piece.strip() for piece in tree.itertext() if piece.strip())
    number = 0
    for block in _paragraphs(found, is_markdown=True):
        if isinstance(block, Block) and block.text:
            number += 1
            yield block._replace(unit="paragraph", number=number)
