"""Markdown as a PDF: headings, lists, tables, code, links. Nothing is fetched: a picture becomes its text.

Colours, margins and fonts are here; how each piece of Markdown is drawn is in `utils/pdf_markdown.py`. A character that
the fonts do not have stands as □, and is counted. Left out: text from right to left is there, but is drawn from left
to right, and Arabic letters stand apart.
"""

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import WrapMode

FONTS = Path(__file__).with_name("fonts")
FILES = (("text", "", "DejaVuSans"), ("text", "B", "DejaVuSans-Bold"), ("code", "", "DejaVuSansMono"))
MISSING = "□"
INK, ACCENT, FAINT, SHADE = (33, 28, 46), (109, 50, 205), (110, 104, 124), (245, 242, 250)
TEXT_PT, CODE_PT, NOTE_PT = 10.0, 8.5, 8.0
LINE = 1.45  # how high a line is, to its letters
MM_PER_PT = 25.4 / 72
# These change how the character before them looks; alone they are nothing to see.
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f", "\u200b", "\u2060", "\ufeff"}


class Paper(FPDF):
    """Pages that number themselves, and know which characters they can draw."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.missing_count = 0
        for family, style, name in FILES:
            self.add_font(family, style, FONTS / f"{name}.ttf")
        self.set_title(title)
        self.set_margin(20)
        self.set_auto_page_break(True, 22)
        self.add_page()

    def footer(self) -> None:
        """Draw the page's number."""
        self.set_y(-14)
        self.write_in("text", NOTE_PT, FAINT)
        self.cell(0, 5, str(self.page_no()), align="C")

    def write_in(self, family: str, size_pt: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        """Choose how the next words look."""
        self.set_font(family, style, size_pt)
        self.set_text_color(*colour)

    @property
    def line_mm(self) -> float:
        """Return how high a line of the chosen font is."""
        return float(self.font_size_pt) * LINE * MM_PER_PT

    def drawable(self, text: str) -> str:
        """Return the text with □ for what the chosen font does not have, and count that."""
        known = self.current_font.cmap  # type: ignore[union-attr]  # all our fonts are of the kind that has one
        drawn = []
        for char in text:
            is_known = ord(char) in known or char in "\n\t "
            if not is_known and char not in _JOINERS:
                self.missing_count += 1
            drawn.append(char if is_known else "" if char in _JOINERS else MISSING)
        return "".join(drawn).replace("\t", "    ")

    def paragraph(self, text: str, size_pt: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        """Write words as a paragraph of their own."""
        self.write_in("text", size_pt, colour, style)
        self.multi_cell(0, self.line_mm, self.drawable(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def code(self, text: str) -> None:
        """Write code as it is, on a shade; lines that are too long go on in the next."""
        self.write_in("code", CODE_PT)
        self.set_fill_color(*SHADE)
        drawn = self.drawable(text.rstrip("\n")) or " "
        look = {"align": "L", "fill": True, "padding": 2, "new_x": "LMARGIN", "new_y": "NEXT"}
        self.multi_cell(0, self.line_mm, drawn, wrapmode=WrapMode.CHAR, **look)  # type: ignore[arg-type]
        self.ln(2.2)

    def finished(self) -> bytes:
        """Return the document; after this nothing more can be written."""
        data = bytes(self.output())
        for font in self.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]  # fpdf2 leaves the files open
        return data
