"""The pages of a PDF: colours, margins and fonts. A character that no font has stands as □, and is told at the end."""

import io
from collections import Counter
from pathlib import Path
from unicodedata import name

import regex as re  # the standard library's knows no categories
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos

from utils.text.characters import capped
from utils.text.formulas import latex_of
from utils.text.rendering.pdf.formula import drawn

FONTS = Path(__file__).with_name("fonts")
FILES = {
    ("text", ""): "DejaVuSans",
    ("text", "B"): "DejaVuSans-Bold",
    ("text", "I"): "DejaVuSans-Oblique",
    ("text", "BI"): "DejaVuSans-BoldOblique",
    ("code", ""): "DejaVuSansMono",
    ("emoji", ""): "NotoEmoji",
}
MISSING = "□"
INK, ACCENT, FAINT, SHADE = (33, 28, 46), (109, 50, 205), (110, 104, 124), (245, 242, 250)
TEXT_PT, CODE_PT, NOTE_PT = 10.0, 8.5, 8.0
LINE = 1.45  # how high a line is, to its letters
BASELINE = 0.71  # of a line stand above where its letters do
MM_PER_PT = 25.4 / 72
# These change how the character before them looks, or are nothing to see: joiners, tags, tones of skin.
_UNSEEN = re.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Emoji_Modifier}]")
_WORDS = re.compile(r"[^ ]+ *| +")
MOST_WIDTHS = 20_000  # of words that are remembered
MOST_NAMED = 10  # of the characters that could not be drawn


class Paper(FPDF):
    """Pages that number themselves, and know which characters they can draw."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.missing: Counter[str] = Counter()
        self._widths: dict[tuple[str, float, str], float] = {}
        self.set_title(title)
        self.set_margin(20)
        self.set_auto_page_break(True, 22)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self.write_in("text", NOTE_PT, FAINT)
        self.cell(0, 5, str(self.page_no()), align="C")

    def write_in(self, family: str, size_pt: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        """Choose how the next words look; a font is opened when it is first wanted."""
        slant = "".join(each for each in "BI" if each in style) if family == "text" else ""
        self._open(family, slant)
        self.set_font(family, slant + "".join(each for each in style if each not in "BI"), size_pt)
        self.set_text_color(*colour)

    @property
    def line_mm(self) -> float:
        """Return how high a line of the chosen font is."""
        return float(self.font_size_pt) * LINE * MM_PER_PT

    def drawable(self, text: str, fallback: bool = True) -> str:
        """Return the text with □ for what neither the chosen font nor the one for emoji has, and note that.

        Without `fallback` only the chosen font counts.
        """
        known = self.current_font.cmap  # type: ignore[union-attr]  # all our fonts are of the kind that has one
        text = _UNSEEN.sub("", capped(text)).replace("\t", "    ")
        return "".join(char if ord(char) in known or char == "\n" else self._other(char, fallback) for char in text)

    def _other(self, char: str, fallback: bool) -> str:
        """Return a character that the chosen font does not have, as it is drawn."""
        self._open("emoji", "")
        if fallback and ord(char) in self.fonts["emoji"].cmap:  # type: ignore[union-attr]
            self.set_fallback_fonts(["emoji"], exact_match=False)
            return char
        self.missing[char] += 1
        return MISSING

    def _open(self, family: str, style: str) -> None:
        if f"{family}{style}" not in self.fonts:
            self.add_font(family, style, FONTS / f"{FILES[family, style]}.ttf")

    @property
    def missing_count(self) -> int:
        """Return how many characters could not be drawn."""
        return self.missing.total()

    @property
    def missing_note(self) -> str:
        """Return which characters could not be drawn, by the names that Unicode gives them."""
        count = f"{self.missing_count:,} character{'s' * (self.missing_count > 1)}"
        names = [f"{name(char, 'no name')} (U+{ord(char):04X})" for char in list(self.missing)[:MOST_NAMED]]
        more = "; …" if len(self.missing) > MOST_NAMED else ""
        return f"{count} could not be drawn with the fonts of this document: {'; '.join(names)}{more}"

    def formula(self, source: str, size_pt: float) -> bool:
        """Draw a formula in the line, or in the middle of one of its own; tell whether that could be done."""
        latex, is_inline = latex_of(source)
        picture = drawn(latex, size_pt * (1.0 if is_inline else 1.15), is_inline) if latex else None
        if picture is None:
            return False
        free_mm = self.w - self.r_margin - self.l_margin
        scale = min(MM_PER_PT, free_mm / picture.width_pt)
        if scale < MM_PER_PT / 2:
            return False  # so wide that it could not be read
        width_mm, above_mm, below_mm = (scale * pt for pt in (picture.width_pt, picture.above_pt, picture.below_pt))
        line_mm = self.line_mm
        if not is_inline or self.x + width_mm > self.w - self.r_margin:
            self.ln(line_mm if self.x > self.l_margin else 0)
        self._make_room(above_mm, below_mm, line_mm)
        left_mm = self.x + self.c_margin if is_inline else self.l_margin + (free_mm - width_mm) / 2
        top_mm = self.y + line_mm * BASELINE - above_mm
        self.image(io.BytesIO(picture.svg.encode()), left_mm, top_mm, width_mm, above_mm + below_mm, alt_text=source)
        self.set_x(left_mm + width_mm - self.c_margin)
        if not is_inline:
            self.ln(max(line_mm, line_mm * BASELINE + below_mm + 1))
        return True

    def _make_room(self, above_mm: float, below_mm: float, line_mm: float) -> None:
        """Go down, or to the next page, so far that something high stands clear of the line before it."""
        x = self.x
        if self.will_page_break(above_mm + below_mm):
            self.add_page()
        if (lift_mm := above_mm - line_mm * BASELINE) > 0.3 * line_mm:
            self.set_y(self.y + lift_mm)
        self.set_x(x)

    def paragraph(self, text: str, size_pt: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        self.write_in("text", size_pt, colour, style)
        self.run(self.drawable(text), self.line_mm)
        self.ln(self.line_mm)

    def run(self, text: str, line_mm: float, link: str = "") -> None:
        """Write on in this line, and in the next ones where it is full.

        As `write` of fpdf2, which measures the whole line again at each letter, and so takes five times as long.
        """
        for number, line in enumerate(text.split("\n")):
            if number:
                self.ln(line_mm)
            self._run_words(_WORDS.findall(line), line_mm, link)

    def _run_words(self, words: list[str], line_mm: float, link: str) -> None:
        held, held_mm = "", 0.0
        for word in words:
            width_mm = self._width_mm(word.rstrip(" "))
            if held_mm + width_mm > self._free_mm:
                self._put(held.rstrip(" "), line_mm, link)
                if self.x > self.l_margin:
                    self.ln(line_mm)
                held, held_mm = "", 0.0
            if width_mm > self._free_mm:  # wider than a line: it is cut between letters
                self.write(line_mm, word, link)
            else:
                held, held_mm = held + word, held_mm + self._width_mm(word)
        self._put(held, line_mm, link)

    def _put(self, text: str, line_mm: float, link: str) -> None:
        if text:
            self.cell(None, line_mm, text, link=link, new_x=XPos.WCONT)

    @property
    def _free_mm(self) -> float:
        """Return how much of this line is still empty."""
        return float(self.w - self.r_margin - self.x - 2 * self.c_margin) + 1e-6

    def _width_mm(self, text: str) -> float:
        """Return how wide a word of the chosen font is; most words come again and again."""
        key = (f"{self.font_family}{self.font_style}", self.font_size_pt, text)
        if len(self._widths) > MOST_WIDTHS:
            self._widths.clear()
        if key not in self._widths:
            self._widths[key] = float(self.get_string_width(text))
        return self._widths[key]

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
