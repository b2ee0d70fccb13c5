"""PowerPoint files, one for each place where words may stand."""

from functools import partial

from tests.utils.reading.made.sample import MAIN, Part, Sample, package

TYPE = "application/vnd.openxmlformats-officedocument.presentationml."
SHOW = f"{TYPE}slideshow.main+xml"
SPACES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "p": f"{MAIN}presentationml/2006/main",
        "a": f"{MAIN}drawingml/2006/main",
        "r": f"{MAIN}officeDocument/2006/relationships",
        "m": f"{MAIN}officeDocument/2006/math",
        "mc": f"{MAIN}markup-compatibility/2006",
        "dgm": f"{MAIN}drawingml/2006/diagram",
        "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
    }.items()
)
_AT = '<a:xfrm><a:off x="9" y="9"/><a:ext cx="9" cy="9"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
_FRAME = '<p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm>'


def shape(text: str, place: str = "") -> str:
    """Return a shape with a text; what is no XML becomes a paragraph for each line."""
    inner = text if text.startswith("<") else "".join(f"<a:p>{run(line)}</a:p>" for line in text.split("\n"))
    placed = f'<p:ph type="{place}"/>' if place else ""
    properties = (
        f'<p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>{placed}</p:nvPr></p:nvSpPr><p:spPr>{_AT}</p:spPr>'
    )
    return f"<p:sp>{properties}<p:txBody><a:bodyPr/>{inner}</p:txBody></p:sp>"


def run(text: str) -> str:
    """Return a run of text."""
    return f"<a:r><a:t>{text}</a:t></a:r>"


def cell(text: str, options: str = "") -> str:
    """Return a cell of a table."""
    return f"<a:tc {options}><a:txBody><a:bodyPr/><a:p>{run(text) if text else ''}</a:p></a:txBody><a:tcPr/></a:tc>"


def table(*rows: str) -> str:
    """Return a table of rows of cells."""
    grid = '<a:tblPr/><a:tblGrid><a:gridCol w="9"/><a:gridCol w="9"/><a:gridCol w="9"/></a:tblGrid>'
    data = f"<a:tbl>{grid}{''.join(map(_row, rows))}</a:tbl>"
    return framed(f'<a:graphicData uri="{MAIN}drawingml/2006/table">{data}</a:graphicData>')


def _row(cells: str) -> str:
    return f'<a:tr h="9">{cells}</a:tr>'


def framed(data: str) -> str:
    """Return a frame for what is no shape."""
    properties = '<p:nvGraphicFramePr><p:cNvPr id="4" name="y"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
    return f"<p:graphicFrame>{properties}{_FRAME}<a:graphic>{data}</a:graphic></p:graphicFrame>"


def group(shapes: str) -> str:
    """Return shapes as a group."""
    properties = '<p:nvGrpSpPr><p:cNvPr id="3" name="z"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    return f"<p:grpSp>{properties}{shapes}</p:grpSp>"


def tree(kind: str, shapes: str) -> str:
    """Return the XML of a slide or of notes."""
    group = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    return f"<p:{kind} {SPACES}><p:cSld><p:spTree>{group}{shapes}</p:spTree></p:cSld></p:{kind}>"


def talk(shapes: str, *parts: Part, main_type: str = f"{TYPE}presentation.main+xml", is_strict: bool = False) -> bytes:
    """Return a talk of one slide."""
    listed = '<p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst>'
    main = f"<p:presentation {SPACES}>{listed}<p:sldSz cx='9144000' cy='6858000'/></p:presentation>"
    slide = Part("ppt/slides/slide1.xml", tree("sld", shapes), f"{TYPE}slide+xml", "slide")
    return package(Part("ppt/presentation.xml", main, main_type), [slide, *parts], is_strict)


_OF_SLIDE = "ppt/slides/slide1.xml"
_NOTES = Part(
    "ppt/notesSlides/notesSlide1.xml",
    tree("notes", shape("Smile while saying it", "body")),
    f"{TYPE}notesSlide+xml",
    "notesSlide",
    _OF_SLIDE,
)
_COMMENTS = Part(
    "ppt/comments/comment1.xml",
    f'<p:cmLst {SPACES}><p:cm authorId="0" idx="1"><p:text>Needs a source</p:text></p:cm></p:cmLst>',
    f"{TYPE}comments+xml",
    "comments",
    _OF_SLIDE,
)
_POINTS = "".join(
    f'<dgm:pt modelId="{n}"><dgm:t><a:bodyPr/><a:p>{run(text)}</a:p></dgm:t></dgm:pt>'
    for n, text in enumerate(("Sow", "Harvest"))
)
_DIAGRAM = Part(
    "ppt/diagrams/data1.xml",
    f"<dgm:dataModel {SPACES}><dgm:ptLst>{_POINTS}</dgm:ptLst></dgm:dataModel>",
    "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
    "diagramData",
    _OF_SLIDE,
)
_SMART = framed(f'<a:graphicData uri="{MAIN}drawingml/2006/diagram"><dgm:relIds r:dm="rId1"/></a:graphicData>')
_MERGED = table(
    cell("Team") + cell("Home") + cell("Away"),
    cell("Reds", 'rowSpan="2"') + cell("2") + cell("2"),
    cell("", 'vMerge="1"') + cell("both", 'gridSpan="2"') + cell("", 'hMerge="1"'),
)
_GROUPED = group(shape("Grouped heron") + group(shape("Nested crane")))
_TWICE = (
    f"<mc:AlternateContent><mc:ModelSelection Requires='a14'>{shape('Either way')}</mc:ModelSelection>"
    f"<mc:Fallback>{shape('Either way')}</mc:Fallback></mc:AlternateContent>"
)
_FIELDS = shape(
    f'<a:p>{run("Dated ")}<a:fld id="{{1}}" type="datetime"><a:t>yesterday</a:t></a:fld><a:br/>{run("Line")}</a:p>'
)
_MATHS = shape(f"<a:p>{run('So ')}<a14:m><m:oMath><m:r><m:t>width</m:t></m:r></m:oMath></a14:m></a:p>")
_TITLED = shape("Harvest plan", "title") + shape("Sow early\nReap late", "body")

SAMPLES = [
    Sample("slides_plain.pptx", partial(talk, _TITLED), "Harvest plan Sow early Reap late"),
    Sample(
        "slides_notes.pptx", partial(talk, _TITLED, _NOTES), "Harvest plan Sow early Reap late Smile while saying it"
    ),
    Sample("slides_comments.pptx", partial(talk, shape("Claim"), _COMMENTS), "Claim Needs a source"),
    Sample("slides_table.pptx", partial(talk, _MERGED), "Team Home Away Reds 2 2 both"),
    Sample("slides_group.pptx", partial(talk, _GROUPED), "Grouped heron Nested crane"),
    Sample("slides_twice.pptx", partial(talk, _TWICE), "Either way"),
    Sample("slides_fields.pptx", partial(talk, _FIELDS), "Dated yesterday Line"),
    Sample("slides_maths.pptx", partial(talk, _MATHS), "So width"),
    Sample("slides_smart.pptx", partial(talk, _SMART, _DIAGRAM), "Sow Harvest"),
    Sample("slides_strict.pptx", partial(talk, _TITLED, is_strict=True), "Harvest plan Sow early Reap late"),
    Sample("slides_show.ppsx", partial(talk, _TITLED, main_type=SHOW), "Harvest plan Sow early Reap late"),
    Sample(
        "slides_template.potx",
        partial(talk, _TITLED, main_type=f"{TYPE}template.main+xml"),
        "Harvest plan Sow early Reap late",
    ),
]
