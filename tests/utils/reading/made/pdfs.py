"""PDF files: text, scans with and without a layer of text, forms, notes, and text whose letters are not told."""

import io
from datetime import UTC, datetime
from functools import partial

from fontTools.pens.svgPathPen import SVGPathPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF

from settings import ROOT
from tests.utils.reading.made.sample import Sample, painted

_SCANNED = "Invoice 4711\n\nPay 250 euros by March"
_WORDS = "Invoice 4711 Pay 250 euros by March"
_PAGE_MM = (210, 297)


def paper() -> FPDF:
    """Return an empty page without a time."""
    made = FPDF()
    made.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    made.set_font("helvetica", size=12)
    made.add_page()
    return made


def text(words: str) -> bytes:
    """Return a page of text."""
    made = paper()
    made.multi_cell(0, 6, words)
    return bytes(made.output())


def scan(stamp: str = "", hidden: str = "") -> bytes:
    """Return a scanned page, with a stamp as text, and with the words as a layer that nobody sees."""
    made = paper()
    if hidden:
        with made.local_context(text_mode="INVISIBLE"):
            for number, line in enumerate(hidden.split("\n")):
                made.text(15, 25 + 8 * number, line)
    made.image(painted(_SCANNED), 0, 0, *_PAGE_MM)
    if stamp:
        made.text(150, 290, stamp)
    return bytes(made.output())


def strips(stamp: str) -> bytes:
    """Return a page that was scanned in strips, as some scanners do, with a stamp."""
    made, page = paper(), painted(_SCANNED)
    for number in range(4):
        height = page.height // 4
        made.image(page.crop((0, number * height, page.width, (number + 1) * height)), 0, number * 74, 210, 74)
    made.text(150, 290, stamp)
    return bytes(made.output())


def beside(words: str) -> bytes:
    """Return a page with a scan on its lower two thirds, and text above."""
    made = paper()
    made.multi_cell(0, 6, words)
    made.image(painted(_SCANNED, 1240, 1100), 0, 100, 210, 190)
    return bytes(made.output())


def figure(width_mm: int = 160) -> bytes:
    """Return a page of text with a picture of words on it."""
    made = paper()
    made.multi_cell(0, 6, "The harvest was good this year, as the figure below shows to all. " * 12)
    made.image(painted("Barley 417 tons", 1000, 500), 20, 120, width_mm)
    return bytes(made.output())


def outlined(words: str, number: str) -> bytes:
    """Return a page whose words are drawn letter by letter, as posters are, above a number that is text."""
    made, font, x = paper(), TTFont(ROOT / "utils/text/rendering/pdf/fonts/DejaVuSans.ttf"), 0
    glyphs, names, paths = font.getGlyphSet(), font.getBestCmap(), ""
    for letter in words:
        glyphs[names[ord(letter)]].draw(pen := SVGPathPen(glyphs))
        paths += f'<path transform="translate({x},2000) scale(1,-1)" d="{pen.getCommands()}"/>' if letter != " " else ""
        x += glyphs[names[ord(letter)]].width
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} 2500">{paths}</svg>'
    made.image(io.BytesIO(drawing.encode()), 15, 40, 180)
    made.text(100, 290, number)
    return bytes(made.output())


def unmapped(words: str) -> bytes:
    """Return a page whose font draws the right letters, and does not tell which they are."""
    made = paper()
    made.add_font("DejaVu", fname=ROOT / "utils/text/rendering/pdf/fonts/DejaVuSans.ttf")
    made.set_font("DejaVu", size=20)
    made.multi_cell(0, 10, words)
    return bytes(made.output()).replace(b"/ToUnicode", b"/ToNothing")


def form(annotations: str, fields: str = "") -> bytes:
    """Return a page that says “Tenant:”, with annotations on it."""
    stream = b"BT /Helv 12 Tf 20 250 Td (Tenant:) Tj ET"
    shown = b"BT /Helv 16 Tf 5 10 Td (APPROVED on 4 May) Tj ET"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{fields}]/DA(/Helv 0 Tf 0 g)>>>>".encode(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Resources<</Font<</Helv 5 0 R>>>>"
        f"/Annots[{annotations}]>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ann Example)/Rect[150 245 380 265]/DA(/Helv 12 Tf 0 g)"
        b"/P 3 0 R>>",
        b"<</Type/Annot/Subtype/Widget/FT/Ch/Ff 131072/T(season)/Opt[(Spring)(Autumn)]/V(Autumn)/Rect[150 205 380 225]"
        b"/DA(/Helv 12 Tf 0 g)/P 3 0 R>>",
        b"<</Type/Annot/Subtype/FreeText/Contents(Ring twice)/Rect[20 20 200 40]/DA(/Helv 12 Tf 0 g)/P 3 0 R>>",
        b"<</Type/Annot/Subtype/Text/Contents(Is this right?)/Rect[20 60 40 80]/P 3 0 R>>",
        *(
            b"<</Type/Annot/Subtype/%s/F 4/Rect[150 100 350 140]/AP<</N 14 0 R>>/P 3 0 R>>" % kind
            for kind in (b"Stamp", b"FreeText", b"Widget/FT/Sig/T(sig)", b"FreeText/Contents(APPROVED on 4 May)")
        ),
        b"<</Type/XObject/Subtype/Form/BBox[0 0 200 40]/Resources<</Font<</Helv 5 0 R>>>>"
        b"/Length %d>>stream\n%s\nendstream" % (len(shown), shown),
    ]
    return assembled(objects)


def assembled(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects; the first is its catalog."""
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    return made + head + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(made))


SAMPLES = [
    Sample("pdf_unmapped.pdf", partial(unmapped, "Otters hold hands while asleep"), "Otters hold hands while asleep"),
    Sample("pdf_text.pdf", partial(text, "Otters hold hands while they sleep."), "Otters hold hands while they sleep"),
    Sample("pdf_scan.pdf", scan, _WORDS),
    Sample("pdf_stamp.pdf", partial(scan, "Scanned with App"), f"{_WORDS} Scanned with App"),
    Sample("pdf_layer.pdf", partial(scan, "", _SCANNED), _WORDS),
    Sample(
        "pdf_figure.pdf",
        figure,
        "The harvest was good this year as the figure below shows to all " * 12 + "Barley 417 tons",
    ),
    Sample("pdf_form.pdf", partial(form, "6 0 R 7 0 R", "6 0 R 7 0 R"), "Tenant Ann Example Autumn"),
    Sample("pdf_notes.pdf", partial(form, "8 0 R 9 0 R"), "Tenant Ring twice Is this right"),
]
