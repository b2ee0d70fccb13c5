"""PDF files: the text of each page, and what a scanned page shows.

PDFium (the reader in Chromium) gives the text; a page without any is drawn and read by RapidOCR.
It leaves out the layout of tables, and pictures: those are `utils/reading/pictures_in_files.py`, read that next.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Notice, Progress, Read, Unreadable
from utils.reading.ocr import words_on

MAX_PAGES = 5000
MAX_SCANNED_PAGES = 300  # half a second each
_MAX_PIXELS = 40_000_000
_GET_AGAIN = "Get it again, and attach that."


def read_pdf(path: Path) -> Iterator[Read]:
    """Yield the paragraphs of a PDF.

    Raises: Unreadable when it is locked or damaged.
    """
    with opened(path) as document:
        page_count = len(document)
        if page_count > MAX_PAGES:
            sentence = (
                f"It has {page_count:,} pages: only the first {MAX_PAGES:,} were read. Split it to have all read."
            )
            yield Notice(sentence)
        yield from _read_pages(document, min(page_count, MAX_PAGES))


def opened(path: Path) -> Any:
    """Return an open PDF.

    Raises: Unreadable when it is locked or damaged.
    """
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("is protected by a password", "Save it without a password, and attach that.") from error
        raise Unreadable("is damaged or was cut off", _GET_AGAIN) from error


def _read_pages(document: Any, page_count: int) -> Iterator[Read]:
    """Yield the paragraphs of each page; those that hold no text go to the OCR."""
    scanned_count = unread_count = 0
    for index in range(page_count):
        page = document[index]
        texts = paragraphs(_text_of(page))
        if not texts and _has_picture(page):
            scanned_count += 1
            if scanned_count <= MAX_SCANNED_PAGES:
                texts = ocr(page)
            else:
                unread_count += 1
        page.close()
        yield from (Block(text, f"page {index + 1}") for text in texts)
        yield Progress(index + 1, page_count, "pages")
    if scanned_count:
        yield Notice(_about_scans(scanned_count, unread_count))


def _about_scans(scanned_count: int, unread_count: int) -> str:
    """Return what a person must know about pages that are pictures."""
    pages = "1 page is a picture" if scanned_count == 1 else f"{scanned_count:,} pages are pictures"
    rest = f", but for the last {unread_count:,}" if unread_count else ""
    return f"{pages}; the words were read off{rest}, so expect a mistake here and there."


def _text_of(page: Any) -> str:
    textpage = page.get_textpage()
    try:
        # Hyphens at the end of a line come as this sign.
        return re.sub("[\ufffe\u00ad\x02]\r?\n?", "", str(textpage.get_text_range()))
    finally:
        textpage.close()


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a page's lines: one ends at an empty line, or with a short line, as titles are."""
    lines = [line.strip() for line in text.splitlines()]
    longest = max(map(len, lines), default=0)
    found, last = [""], ""
    for line in lines:
        share = 0.8 if last.endswith((".", "!", "?", ":")) else 0.5
        ends = not line or len(last) < share * longest
        if ends:
            found.append(line)
        else:
            found[-1] = f"{found[-1]} {line}".strip()
        last = line
    return [text for text in found if text]


def _has_picture(page: Any) -> bool:
    from pypdfium2 import raw

    # Forms hold pictures too; a page with nothing at all is a blank one.
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_PATH)
    return next(page.get_objects(filter=kinds, max_depth=2), None) is not None


def ocr(page: Any) -> list[str]:
    """Return the lines that a page shows; none where it shows no words."""
    width, height = page.get_size()
    scale = min(2.0, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    return [text] if (text := words_on(page.render(scale=scale).to_numpy())) else []
