"""A made file: what is in it, the words that a reader must keep, and those that it must leave out."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from settings import ROOT

MAIN = "http://schemas.openxmlformats.org/"
TYPES = f"{MAIN}package/2006/content-types"
RELATIONS = f"{MAIN}package/2006/relationships"
OFFICE = f"{MAIN}officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Sample(NamedTuple):
    """A file with known words; `absent` were struck out, or stand there in another form, too."""

    name: str
    make: Callable[[], bytes]
    words: str
    absent: str = ""

    @property
    def kind(self) -> str:
        """Return what kind of file it is, by the usual ending."""
        ending = self.name.rpartition(".")[2]
        return {"docm": "docx", "dotx": "docx", "potx": "pptx", "ppsx": "pptx", "xlsm": "xlsx"}.get(ending, ending)


def words_in(text: str) -> "Counter[str]":
    """Return the words of a text, without what tells upper from lower case, and how often each stands there."""
    return Counter(re.findall(r"[^\W_]+(?:\.[^\W_]+)*", text.lower()))


def kept(sample: Sample, text: str) -> tuple[int, int]:
    """Return how many of a sample's words stand in what was read, and how many there are."""
    wanted, found = words_in(sample.words), words_in(text)
    return sum((wanted & found).values()), sum(wanted.values())


class Part(NamedTuple):
    """A part of an Office file: its XML, its type, and the type of the relation that leads to it."""

    name: str
    xml: str | bytes
    type: str
    relation: str = ""
    owner: str = ""  # the part that refers to it; the main one where none is named


def package(main: Part, others: list[Part], is_strict: bool = False) -> bytes:
    """Return an Office file; the parts are referred to as rId1, rId2, … in their order."""
    parts = [main, *others]
    written = {part.name: part.xml for part in parts}
    overrides = "".join(f'<Override PartName="/{part.name}" ContentType="{part.type}"/>' for part in parts)
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    )
    written["[Content_Types].xml"] = f'{XML}<Types xmlns="{TYPES}">{defaults}{overrides}</Types>'
    written["_rels/.rels"] = _relations([(f"{OFFICE}/officeDocument", main.name)])
    for owner in dict.fromkeys(part.owner or main.name for part in others):
        folder, _, name = owner.rpartition("/")
        targets = [
            (f"{OFFICE}/{part.relation}", f"/{part.name}") for part in others if (part.owner or main.name) == owner
        ]
        written[f"{folder}/_rels/{name}.rels"] = _relations(targets)
    return zipped({name: _strict(data) if is_strict else data for name, data in written.items()})


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive without times, so that it is always the same."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda name: name != "[Content_Types].xml"):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _relations(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def _strict(data: str | bytes) -> str | bytes:
    """Return XML with the namespaces of strict Open XML."""
    if isinstance(data, bytes):
        return data
    return re.sub(
        r"http://schemas\.openxmlformats\.org/(?!package)(\w+)/2006/", r"http://purl.oclc.org/ooxml/\1/", data
    )


def painted(text: str, width_px: int = 1240, height_px: int = 1754, size_px: int = 44) -> Image.Image:
    """Return a page as a scanner gives it: a picture of words."""
    picture = Image.new("L", (width_px, height_px), 255)
    font = ImageFont.truetype(str(ROOT / "utils/text/rendering/pdf/fonts/DejaVuSans.ttf"), size_px)
    ImageDraw.Draw(picture).text((90, 120), text, font=font, fill=0)
    return picture
