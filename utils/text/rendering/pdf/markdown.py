"""Markdown drawn on the pages of a PDF. HTML is text, a picture becomes its words: nothing is fetched."""

from markdown_it.token import Token

from utils.text.rendering.parser import FORMULA, markdown_tokens, plain_line, target_of, words_of_token
from utils.text.rendering.pdf.paper import ACCENT, CODE_PT, FAINT, INK, TEXT_PT, Paper

HEADING_PT = {"h1": 15.0, "h2": 13.0, "h3": 11.5}
INDENT_MM = 6.0
MAX_DEPTH = 8
# A table with more columns, or with a cell that could fill a page, is drawn as lines of text.
MAX_COLUMNS = 8
MAX_CELL_CHARS = 300


def draw_markdown(paper: Paper, text: str) -> None:
    _Drawing(paper).draw(markdown_tokens(text))


class _Drawing:
    """One text on its way to the paper."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.edge_mm = float(paper.l_margin)
        self.lists: list[int] = []  # each open list's next number; 0 where it has none
        self.rows: list[list[str]] = []  # of the table that is being read
        self.quotes = 0
        self.size_pt = TEXT_PT

    def draw(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self.rows or token.type == "tr_open":
                self.gather(token)
            else:
                self.draw_block(token)
        self.paper.set_left_margin(self.edge_mm)
        self.paper.set_x(self.edge_mm)

    def gather(self, token: Token) -> None:
        match token.type:
            case "tr_open":
                self.rows.append([])
            case "inline":
                self.rows[-1].append(plain_line(token))
            case "table_close":
                self.draw_table(self.rows)
                self.rows = []

    def draw_block(self, token: Token) -> None:
        """Draw one block, or change what the next ones look like."""
        match token.type:
            case "inline":
                self.draw_inline(token)
            case "fence" | "code_block":
                self.paper.code(token.content)
            case "formula":
                self.draw_formula(token.content)
            case "hr":
                self.paper.paragraph("· · ·", TEXT_PT, FAINT)
            case "heading_open" | "heading_close":
                self.size_pt = HEADING_PT.get(token.tag, TEXT_PT) if token.nesting == 1 else TEXT_PT
                self.paper.ln(1.5 if token.nesting == 1 else 0)
            case "bullet_list_open" | "ordered_list_open":
                self.lists.append(int(token.attrGet("start") or 1) if token.tag == "ol" else 0)
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.draw_mark()
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
        self.indent()

    def indent(self) -> None:
        """Begin the lines as deep as the lists and quotes are."""
        depth = min(len(self.lists) + self.quotes, MAX_DEPTH)
        at_edge = self.paper.x <= self.paper.l_margin
        self.paper.set_left_margin(self.edge_mm + depth * INDENT_MM)
        if at_edge:
            self.paper.set_x(self.paper.l_margin)

    def draw_mark(self) -> None:
        """Draw an item's dot or number, left of where its text begins."""
        self.indent()
        mark = f"{self.lists[-1]}." if self.lists[-1] else "•"
        self.lists[-1] += bool(self.lists[-1])
        self.paper.write_in("text", TEXT_PT, FAINT)
        self.paper.set_x(self.paper.l_margin - self.paper.get_string_width(mark) - 1.5)
        self.paper.cell(text=mark, h=self.paper.line_mm)
        self.paper.set_x(self.paper.l_margin)

    def draw_inline(self, token: Token) -> None:
        """Draw a line of text with what is bold, code or a link in it."""
        paper, marks = self.paper, {"B": 0, "I": 0, "S": 0}
        if self.size_pt != TEXT_PT:
            marks["B"] = 1
        link = ""
        for child in token.children or []:
            mark = {"strong": "B", "em": "I", "s": "S"}.get(child.tag)
            if mark:
                marks[mark] += child.nesting
            elif child.tag == "a":
                link = target_of(child)
            elif child.type != FORMULA or not self.is_drawn(child.content):
                is_code = child.type == "code_inline"
                style = "".join(each for each, depth in marks.items() if depth and not (is_code and each == "B"))
                colour = ACCENT if link else FAINT if self.quotes else INK
                paper.write_in("code" if is_code else "text", CODE_PT if is_code else self.size_pt, colour, style)
                paper.run(paper.drawable(words_of_token(child)), self.size_pt * 0.51, link)
        paper.ln(self.size_pt * 0.51)
        paper.ln(1.8 if not self.lists else 0.6)

    def is_drawn(self, source: str) -> bool:
        """Draw a formula within a line, and tell whether that could be done."""
        self.paper.write_in("text", self.size_pt)
        return self.paper.formula(source, self.size_pt)

    def draw_formula(self, source: str) -> None:
        """Draw a formula that stands by itself; its source where it can't be drawn."""
        if not self.is_drawn(source):
            self.paper.code(source)
        self.paper.ln(1.8)

    def draw_table(self, rows: list[list[str]]) -> None:
        paper = self.paper
        paper.write_in("text", TEXT_PT - 1)
        is_wide = any(len(row) > MAX_COLUMNS or max(map(len, row), default=0) > MAX_CELL_CHARS for row in rows)
        if is_wide:
            paper.paragraph("\n".join(" | ".join(row) for row in rows), TEXT_PT - 1)
        else:
            cells = [[paper.drawable(cell) for cell in row] for row in rows]
            paper.set_draw_color(*FAINT)
            with paper.table(cells, borders_layout="HORIZONTAL_LINES", line_height=paper.line_mm, padding=1):
                pass
        paper.ln(2.2)
