"""A paragraph of a Word file as one line of text, and what hangs on it: text boxes, notes, charts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from utils.reading.office.drawings import drawn_texts
from utils.reading.office.formulas import formula
from utils.reading.office.package import Package, best_branch, child, is_on, local, value

# Struck out, or no words: settings of runs, tables and controls, and the commands of fields.
LEFT_OUT = frozenset(
    "del moveFrom delText instrText delInstrText rPr pPr sdtPr sdtEndPr tblPr tblGrid tblPrEx trPr tcPr sectPr rt"
    " customXmlPr smartTagPr fldData".split()
)
_SIGNS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote", "commentReference": "comment"}
_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ"  # the font Symbol from “A” on
_TICKS = {0xFC: "✔", 0xFD: "☒", 0xFE: "☑", 0xA8: "☐", 0x6F: "☐", 0x78: "☒", 0x52: "☑"}  # the fonts Wingdings


@dataclass
class Line:
    """What one paragraph says; `boxes` are elements with paragraphs of their own."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()


class Lines:
    """Reads the paragraphs of one part of a file; `notes` are the texts of its footnotes and comments."""

    def __init__(self, package: Package, part: str, notes: dict[tuple[str, str], str]) -> None:
        self._package, self._part, self._notes = package, part, notes
        self._told: set[tuple[str, str]] = set()
        self._commands: list[bool] = []  # of each open field, whether its command stands here, or what it shows

    def read(self, paragraph: Any) -> Line:
        line = Line()
        self._one(paragraph, line)
        # The command of a field ends with its paragraph, so that a broken one can't swallow all that follows.
        self._commands = [False] * len(self._commands)
        return line

    def untold(self) -> Iterator[str]:
        return (text for key, text in self._notes.items() if key[0] == "comment" and key not in self._told and text)

    def _walk(self, element: Any, line: Line) -> None:
        for one in opened_up(element):
            self._one(one, line)

    def _one(self, one: Any, line: Line) -> None:
        name = local(one)
        if name in LEFT_OUT:
            return
        if name == "t":
            self._say(one.text or "", line)
        elif name in _SIGNS:
            self._say(_SIGNS[name], line)
        elif name in ("oMath", "sym"):
            self._say(formula(one) if name == "oMath" else _symbol(one), line)
        elif name == "txbxContent":
            line.boxes.append(one)
        elif name == "fldChar":
            self._field(one, line)
        elif name in _NOTES:
            self._note((_NOTES[name], value(one, "id") or ""), line)
        else:
            self._drawn(one, name, line)
            self._walk(one, line)

    def _say(self, text: str, line: Line) -> None:
        if not any(self._commands):
            line.pieces.append(text)

    def _note(self, key: tuple[str, str], line: Line) -> None:
        if key not in self._told:
            self._told.add(key)
            line.notes.append(self._notes.get(key, ""))

    def _drawn(self, one: Any, name: str, line: Line) -> None:
        """Keep the words of pictures, charts, SmartArt and WordArt."""
        if name == "docPr" or name == "shape":
            words = (value(one, "descr") or value(one, "alt") or "").strip()
            line.notes += [f"Picture: {words}"] if words else []
        elif name == "textpath":
            line.notes.append((value(one, "string") or "").strip())
        elif name == "ruby":
            above = "".join(part.text or "" for part in one.iter() if local(part) == "t" and _is_above(part))
            line.notes += [above] if above else []
        elif name in ("chart", "relIds"):
            line.notes += drawn_texts(self._package, self._part, one)

    def _field(self, mark: Any, line: Line) -> None:
        """Follow a field from its command to what it shows; a box or a list shows what was chosen in it."""
        kind = value(mark, "fldCharType")
        if kind == "begin":
            self._say(_chosen(child(mark, "ffData")), line)
            self._commands.append(True)
        elif self._commands and kind == "separate":
            self._commands[-1] = False
        elif self._commands and kind == "end":
            self._commands.pop()


def opened_up(element: Any) -> Iterator[Any]:
    """Yield the elements in one; of what stands there in two forms only one."""
    for one in element:
        if local(one) == "AlternateContent":
            branch = best_branch(one)
            yield from () if branch is None else opened_up(branch)
        elif local(one):
            yield one


def _is_above(element: Any) -> bool:
    return any(local(parent) == "rt" for parent in element.iterancestors())


def _symbol(mark: Any) -> str:
    """Return a sign of a font that has signs in the places of letters; "" for one that is no word."""
    try:
        code = int(value(mark, "char") or "", 16)
    except ValueError:
        return ""
    font, place = (value(mark, "font") or "").lower(), code & 0xFF
    if font == "symbol":
        return _GREEK[place - 0x41] if 0x41 <= place < 0x41 + len(_GREEK) else chr(place)
    if font.startswith("wingdings"):
        return _TICKS.get(place, "")
    return chr(code) if not 0xE000 <= code <= 0xF8FF else ""


def _chosen(form: Any) -> str:
    """Return what an old form field shows: a box with or without its cross, or the chosen line of a list."""
    if form is None:
        return ""
    if (box := child(form, "checkBox")) is not None:
        checked = child(box, "checked")
        return "☒" if is_on(child(box, "default") if checked is None else checked) else "☐"
    if (choices := child(form, "ddList")) is not None:
        entries = [value(one) or "" for one in choices if local(one) == "listEntry"]
        said = value(child(choices, "result")) or value(child(choices, "default")) or "0"
        return entries[int(said)] if said.isdecimal() and int(said) < len(entries) else ""
    return ""
