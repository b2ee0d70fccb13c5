"""The benchmark's documents as files of many kinds, made from the texts in `benchmarks/documents/`."""

import csv
import re
from html import escape
from pathlib import Path

TEXTS = Path(__file__).with_name("documents")
KINDS = {"coffee_machine": "pdf", "handbook": "docx", "minutes": "docx", "talk": "pptx", "stock": "xlsx", "faq": "html"}


def make_files(folder: Path) -> list[Path]:
    """Write all documents to a folder, each as the kind that it shall be; return their paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for source in sorted(TEXTS.glob("*.*")):
        if source.name not in ("README.md", "questions.json"):
            paths.append(_make(source, folder))
    return paths


def _make(source: Path, folder: Path) -> Path:
    kind = KINDS.get(source.stem, source.suffix[1:])
    path = folder / f"{source.stem}.{kind}"
    writers = {"pdf": _pdf, "docx": _docx, "pptx": _pptx, "xlsx": _xlsx, "html": _html}
    if kind in writers:
        writers[kind](source, path)
    else:
        path.write_bytes(source.read_bytes())
    return path


def _parts(source: Path) -> list[tuple[int, str]]:
    """Return the paragraphs of a Markdown file, each with its level: 0 for text, else that of the heading."""
    found = re.findall(r"^(#*) ?(.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def _pdf(source: Path, path: Path) -> None:
    from utils.text.rendering.pdf.markdown import draw_markdown
    from utils.text.rendering.pdf.paper import Paper

    paper = Paper(source.stem)
    draw_markdown(paper, source.read_text(encoding="utf-8"))
    path.write_bytes(paper.finished())


def _docx(source: Path, path: Path) -> None:
    import docx

    document = docx.Document()
    for level, text in _parts(source):
        document.add_heading(text, level - 1) if level else document.add_paragraph(text)
    document.save(str(path))


def _pptx(source: Path, path: Path) -> None:
    import pptx

    talk = pptx.Presentation()
    for level, text in _parts(source):
        if level:
            slide = talk.slides.add_slide(talk.slide_layouts[1])
            slide.shapes.title.text = text
        else:
            frame = slide.placeholders[1].text_frame
            frame.text = f"{frame.text}\n{text}".strip()
    talk.save(str(path))


def _xlsx(source: Path, path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append(row)
    book.save(path)


def _html(source: Path, path: Path) -> None:
    tags = ["p", "h1", "h2"]
    body = "\n".join(f"<{tags[level]}>{escape(text)}</{tags[level]}>" for level, text in _parts(source))
    menu = "<nav><a href='/'>Home</a> <a href='/books'>Books</a></nav>"
    path.write_text(f"<!DOCTYPE html><html><body>{menu}<main>{body}</main></body></html>", encoding="utf-8")
