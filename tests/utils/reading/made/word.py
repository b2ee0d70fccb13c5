"""Word files, one for each place where words may stand."""

from functools import partial

from tests.utils.reading.made.sample import MAIN, Part, Sample, package

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
SPACES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "w": f"{MAIN}wordprocessingml/2006/main",
        "r": f"{MAIN}officeDocument/2006/relationships",
        "m": f"{MAIN}officeDocument/2006/math",
        "a": f"{MAIN}drawingml/2006/main",
        "c": f"{MAIN}drawingml/2006/chart",
        "dgm": f"{MAIN}drawingml/2006/diagram",
        "wp": f"{MAIN}drawingml/2006/wordprocessingDrawing",
        "mc": f"{MAIN}markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
_STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/>{more}</w:style>'
    for style, name, more in (
        ("Title", "Title", ""),
        ("Heading1", "heading 1", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'),
        ("Heading2", "heading 2", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>'),
        ("Clause", "Clause", '<w:basedOn w:val="Heading2"/>'),
    )
)
_STYLED = Part("word/styles.xml", f"<w:styles {SPACES}>{_STYLES}</w:styles>", f"{TYPE}styles+xml", "styles")


def run(text: str) -> str:
    """Return a run of text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*parts: str, style: str = "") -> str:
    """Return a paragraph; what is no XML becomes a run."""
    runs = "".join(part if part.startswith("<") else run(part) for part in parts)
    options = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{options}{runs}</w:p>"


def table(*rows: str) -> str:
    """Return a table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def row(*cells: str) -> str:
    """Return a row; what is no XML becomes a cell."""
    return f"<w:tr>{''.join(one if one.startswith('<') else cell(paragraph(one)) for one in cells)}</w:tr>"


def cell(content: str, options: str = "") -> str:
    """Return a cell."""
    return f"<w:tc><w:tcPr>{options}</w:tcPr>{content}</w:tc>"


def control(content: str, options: str = "") -> str:
    """Return a content control."""
    return f"<w:sdt><w:sdtPr>{options}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def field(command: str, shown: str, data: str = "") -> str:
    """Return a field of the long form."""
    marks = [
        f'<w:r><w:fldChar w:fldCharType="{kind}">{data if kind == "begin" else ""}</w:fldChar></w:r>'
        for kind in ("begin", "separate", "end")
    ]
    return (
        f"{marks[0]}<w:r><w:instrText> {command} </w:instrText></w:r>{marks[1]}{run(shown) if shown else ''}{marks[2]}"
    )


def boxed(content: str) -> str:
    """Return a text box of today's form."""
    data = '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
    shape = f"<wps:wsp><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp>"
    return f"<w:drawing><wp:inline><a:graphic>{data}{shape}</a:graphicData></a:graphic></wp:inline></w:drawing>"


def old_box(content: str) -> str:
    """Return a text box of the form before 2010."""
    return (
        f'<w:pict><v:shape type="#x"><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>'
    )


def document(body: str, *parts: Part, main_type: str = f"{TYPE}document.main+xml", is_strict: bool = False) -> bytes:
    """Return a Word file."""
    xml = f"<w:document {SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"
    if "<w:sectPr>" in body:
        xml = xml.replace("<w:sectPr/></w:body>", "</w:body>")
    return package(Part("word/document.xml", xml, main_type), [_STYLED, *parts], is_strict)


def _notes(kind: str, text: str) -> Part:
    inner = f'<w:{kind} w:id="2" w:author="Ann">{paragraph(text)}</w:{kind}>'
    separator = f'<w:{kind} w:id="0" w:type="separator">{paragraph("<w:r><w:separator/></w:r>")}</w:{kind}>'
    xml = f"<w:{kind}s {SPACES}>{separator if kind != 'comment' else ''}{inner}</w:{kind}s>"
    return Part(f"word/{kind}s.xml", xml, f"{TYPE}{kind}s+xml", f"{kind}s")


def _margin(kind: str, content: str) -> Part:
    short = {"header": "hdr", "footer": "ftr"}[kind]
    return Part(f"word/{kind}1.xml", f"<w:{short} {SPACES}>{content}</w:{short}>", f"{TYPE}{kind}+xml", kind)


def _with_margins() -> bytes:
    above = '<w:headerReference w:type="default" r:id="rId2"/>'
    ends = f'<w:sectPr>{above}<w:footerReference w:type="first" r:id="rId3"/></w:sectPr>'
    header = _margin("header", paragraph("Contract 4711") + table(row("Draft", "Confidential")))
    return document(paragraph("Body here.") + ends, header, _margin("footer", paragraph("Printed in Lisbon")))


def _chart() -> Part:
    points = "".join(f'<c:pt idx="{n}"><c:v>{name}</c:v></c:pt>' for n, name in enumerate(("North", "South")))
    figures = "".join(f'<c:pt idx="{n}"><c:v>{figure}</c:v></c:pt>' for n, figure in enumerate((417, 228)))
    series = (
        "<c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Turnover</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        f"<c:cat><c:strRef><c:strCache>{points}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:numCache>{figures}</c:numCache></c:numRef></c:val>"
    )
    title = "<c:title><c:tx><c:rich><a:p><a:r><a:t>Yearly harvest</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    bars = f"<c:plotArea><c:barChart><c:ser>{series}</c:ser></c:barChart></c:plotArea>"
    xml = f"<c:chartSpace {SPACES}><c:chart>{title}{bars}</c:chart></c:chartSpace>"
    return Part(
        "word/charts/chart1.xml", xml, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml", "chart"
    )


def _charted() -> bytes:
    data = f'<a:graphicData uri="{MAIN}drawingml/2006/chart"><c:chart r:id="rId2"/></a:graphicData>'
    drawing = f"<w:r><w:drawing><wp:inline><a:graphic>{data}</a:graphic></wp:inline></w:drawing></w:r>"
    return document(paragraph("Figures:", drawing), _chart())


_FORMULA = (
    "<m:oMathPara><m:oMath><m:r><m:t>energy=</m:t></m:r><m:f><m:num><m:r><m:t>mass</m:t></m:r></m:num>"
    "<m:den><m:r><m:t>volume</m:t></m:r></m:den></m:f><m:rad><m:deg/><m:e><m:r><m:t>depth</m:t></m:r></m:e></m:rad>"
    "</m:oMath></m:oMathPara>"
)
_BOX_TWICE = (
    f"<w:r><mc:AlternateContent><mc:ModelSelection Requires='wps'>{boxed(paragraph('Boxed otter'))}</mc:ModelSelection>"
    f"<mc:Fallback>{old_box(paragraph('Boxed otter'))}</mc:Fallback></mc:AlternateContent></w:r>"
)
_CHECKED = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
_ENTRIES = '<w:listEntry w:val="Spring"/><w:listEntry w:val="Autumn"/>'
_LISTED = f'<w:ffData><w:ddList><w:result w:val="1"/>{_ENTRIES}</w:ddList></w:ffData>'
_MOVED = paragraph(f'<w:moveFrom w:id="1" w:author="a">{run("Meadow")}</w:moveFrom>', "First.") + paragraph(
    "Then ", f'<w:moveTo w:id="2" w:author="a">{run("meadow")}</w:moveTo>'
)
_STRUCK = paragraph(
    "The fee is ",
    '<w:del w:id="1" w:author="a"><w:r><w:delText>ninety</w:delText></w:r></w:del>',
    f'<w:ins w:id="2" w:author="a">{run("250")}</w:ins>',
    " euros.",
)
_MERGED = table(
    row("Team", "Home", "Away", "Points"),
    row(cell(paragraph("Reds"), '<w:vMerge w:val="restart"/>'), "2", "2", "9"),
    row(cell(paragraph(""), "<w:vMerge/>"), cell(paragraph("both"), '<w:gridSpan w:val="2"/>'), "7"),
)
_HEADINGS = "".join(
    paragraph(name, style="Heading1") + paragraph(f"About {name.lower()} matters.")
    for name in ("Intro", "Payment", "Law")
)
_BARE = paragraph("Start.") + paragraph("Signed by Ann", style="Heading1") + paragraph("Annex seven", style="Clause")

_DESCRIBED = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A red kite"/></wp:inline></w:drawing></w:r>'
_WORD_ART = '<w:r><w:pict><v:shape><v:textpath string="Grand opening"/></v:shape></w:pict></w:r>'

_BODIES: dict[str, tuple[str, str, str]] = {
    "plain": (paragraph("Otters hold hands.") + paragraph("They sleep."), "Otters hold hands They sleep", ""),
    "inserted": (_STRUCK, "The fee is 250 euros", "ninety"),
    "inserted_paragraph": (
        f'<w:ins w:id="2" w:author="a">{paragraph("Added clause")}</w:ins>' + paragraph("Rest"),
        "Added clause Rest",
        "",
    ),
    "moved": (_MOVED, "First Then meadow", ""),
    "control_block": (control(paragraph("Tenant: Ann")) + paragraph("Rest."), "Tenant Ann Rest", ""),
    "control_inline": (paragraph("Name: ", control(run("Beatrix"))), "Name Beatrix", ""),
    "control_cell": (table(f"<w:tr>{cell(paragraph('Rent'))}{control(cell(paragraph('950')))}</w:tr>"), "Rent 950", ""),
    "control_row": (table(row("Rent", "950"), control(row("Heating", "120"))), "Rent 950 Heating 120", ""),
    "control_table": (control(table(row("Rent", "950"))), "Rent 950", ""),
    "control_nested": (control(control(paragraph("Deep ", control(control(run("burrow")))))), "Deep burrow", ""),
    "custom_xml": (f'<w:customXml w:element="x">{paragraph("Wrapped badger")}</w:customXml>', "Wrapped badger", ""),
    "table_nested": (
        table(row(cell(paragraph("Outer") + table(row("Inner", "Core")) + paragraph("After")), "Beside")),
        "Outer Inner Core After Beside",
        "",
    ),
    "table_layout": (
        table(row(cell(paragraph("Vacancy") + table(row(cell(table(row("Salary", "high")))))))),
        "Vacancy Salary high",
        "",
    ),
    "table_merged": (_MERGED, "Team Home Away Points Reds 2 2 9 both 7", ""),
    "box": (paragraph("Anchor ", f"<w:r>{boxed(paragraph('Boxed otter'))}</w:r>"), "Anchor Boxed otter", ""),
    "box_old": (paragraph("Anchor ", f"<w:r>{old_box(paragraph('Framed heron'))}</w:r>"), "Anchor Framed heron", ""),
    "box_twice": (paragraph("Anchor ", _BOX_TWICE), "Anchor Boxed otter", ""),
    "box_table": (paragraph(f"<w:r>{boxed(table(row('Weight', 'nine')))}</w:r>"), "Weight nine", ""),
    "wordart": (paragraph("Under ", _WORD_ART), "Under Grand opening", ""),
    "field_simple": (
        paragraph("Total: ", f'<w:fldSimple w:instr="SUM">{run("1200")}</w:fldSimple>'),
        "Total 1200",
        "sum",
    ),
    "field_long": (paragraph("Dated ", field("DATE MERGEFORMAT", "tomorrow")), "Dated tomorrow", "mergeformat"),
    "field_open": (
        paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "Broken ") + paragraph("Following words"),
        "Following words",
        "",
    ),
    "hyperlink": (
        paragraph("See ", f'<w:hyperlink w:anchor="x">{run("the rules")}</w:hyperlink>'),
        "See the rules",
        "",
    ),
    "smart_tag": (paragraph("In ", f'<w:smartTag w:element="City">{run("Oslo")}</w:smartTag>'), "In Oslo", ""),
    "formula": (paragraph("So ", _FORMULA), "So energy mass volume depth", ""),
    "form_text": (paragraph("Guest: ", field("FORMTEXT", "Wilhelmina")), "Guest Wilhelmina", "formtext"),
    "form_list": (paragraph("Season: ", field("FORMDROPDOWN", "", _LISTED)), "Season Autumn", "spring"),
    "form_box": (paragraph("Agreed ", field("FORMCHECKBOX", "", _CHECKED)), "Agreed", ""),
    "direction": (paragraph("Left ", f'<w:bdo w:val="rtl">{run("right")}</w:bdo>'), "Left right", ""),
    "alt_text": (paragraph("Look: ", _DESCRIBED), "Look A red kite", ""),
    "headings": (_HEADINGS, "Intro About intro matters Payment About payment matters Law About law matters", ""),
    "headings_bare": (_BARE, "Start Signed by Ann Annex seven", ""),
    "heading_long": (
        paragraph("Preface " + "very " * 80 + "long", style="Heading1") + paragraph("Below"),
        "Preface " + "very " * 80 + "long Below",
        "",
    ),
    "ruby": (
        paragraph(f"<w:r><w:ruby><w:rt>{run('kanji')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby></w:r>"),
        "kanji 漢字",
        "",
    ),
}
_ORDINARY = paragraph("Lease", style="Heading1") + paragraph("Rent is due monthly.") + table(row("Deposit", "three"))
_ORDINARY_WORDS = "Lease Rent is due monthly Deposit three"

SAMPLES = [
    *(
        Sample(f"word_{name}.docx", partial(document, body), words, absent)
        for name, (body, words, absent) in _BODIES.items()
    ),
    Sample("word_margins.docx", _with_margins, "Contract 4711 Draft Confidential Body here Printed in Lisbon"),
    Sample(
        "word_footnote.docx",
        partial(
            document,
            paragraph("Claim", '<w:r><w:footnoteReference w:id="2"/></w:r>'),
            _notes("footnote", "Proven by Eve"),
        ),
        "Claim Proven by Eve",
    ),
    Sample(
        "word_endnote.docx",
        partial(
            document,
            paragraph("Claim", '<w:r><w:endnoteReference w:id="2"/></w:r>'),
            _notes("endnote", "See volume three"),
        ),
        "Claim See volume three",
    ),
    Sample(
        "word_comment.docx",
        partial(
            document, paragraph("Price", '<w:r><w:commentReference w:id="2"/></w:r>'), _notes("comment", "Far too dear")
        ),
        "Price Far too dear",
    ),
    Sample("word_chart.docx", _charted, "Figures Yearly harvest Turnover North 417 South 228"),
    Sample("word_strict.docx", partial(document, _ORDINARY, is_strict=True), _ORDINARY_WORDS),
    Sample("word_macros.docm", partial(document, _ORDINARY, main_type=MACROS), _ORDINARY_WORDS),
    Sample("word_template.dotx", partial(document, _ORDINARY, main_type=f"{TYPE}template.main+xml"), _ORDINARY_WORDS),
]
