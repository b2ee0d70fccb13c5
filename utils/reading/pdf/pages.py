"""PDF files: the text of each page, its filled forms and notes, and what its pictures say.

PDFium (the reader in Chromium) gives the text. RapidOCR reads a page that is a picture, a large picture on a page, and
a page whose font does not tell which letters its signs are. It leaves out the layout of tables; the pictures themselves
are taken by `utils/reading/pictures.py`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.files.unreadable import Unreadable
from utils.reading.block import Block, Notice, Progress, Read, about_inner_files
from utils.reading.pdf.forms import form_texts, has_stamps, shown_texts
from utils.reading.pdf.scans import Eye, has_outlines, has_picture, is_unmapped

MAX_PAGES = 5000
_GET_AGAIN = "Get it again, and attach that."


def read_pdf(path: Path) -> Iterator[Read]:
    """Yield the paragraphs of a PDF. Raises: Unreadable when it is locked or damaged."""
    from pypdfium2 import PdfiumError, raw

    with open_pdf(path) as document:
        page_count = len(document)
        if page_count > MAX_PAGES:
            sentence = (
                f"It has {page_count:,} pages: only the first {MAX_PAGES:,} were read. Split it to have all read."
            )
            yield Notice(sentence)
        try:
            document.init_forms()
        except PdfiumError:  # the pages can be read all the same
            yield Notice("Its form could not be opened, so what was filled in may be missing.")
        yield from _read_pages(document, min(page_count, MAX_PAGES))
        if document.get_formtype() == raw.FORMTYPE_XFA_FULL:
            yield Notice("It is a form that only Adobe's programs show whole: print it as PDF there, and attach that.")
        yield from about_inner_files(document.count_attachments())


def open_pdf(path: Path) -> Any:
    """Return an open PDF. Raises: Unreadable when it is locked or damaged."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("is protected by a password", "Save it without a password, and attach that.") from error
        raise Unreadable("is damaged or was cut off", _GET_AGAIN) from error


def _read_pages(document: Any, page_count: int) -> Iterator[Read]:
    """Yield what each page says; a damaged one is told, and the others are read."""
    from pypdfium2 import PdfiumError

    eye, damaged = Eye(), 0
    for index in range(page_count):
        texts: list[str] = []
        try:
            page = document[index]
            texts += [*_page_texts(page, eye), *form_texts(page)]
            is_stamped = has_stamps(page)
            page.close()
            texts += shown_texts(document, index, texts) if is_stamped else []
        except PdfiumError:
            damaged += 1
        yield from (Block(text, f"page {index + 1}") for text in texts)
        yield Progress(index + 1, page_count, "pages")
    yield from map(Notice, eye.told())
    if damaged:
        pages = "1 page is" if damaged == 1 else f"{damaged:,} pages are"
        yield Notice(f"{pages} damaged and could not be read: get the file again, and attach that.")


def _page_texts(page: Any, eye: Eye) -> list[str]:
    """Return the paragraphs of a page, and what has to be read off it."""
    textpage = page.get_textpage()
    try:
        # Hyphens at the end of a line come as this sign.
        texts = paragraphs(re.sub("[\ufffe\u00ad\x02]\r?\n?", "", str(textpage.get_text_range())))
        if texts and is_unmapped(textpage):
            return eye.in_place_of(page, texts)
        if texts and has_outlines(page, texts):
            return [*texts, *eye.on_outlines(page, texts)]
        if texts:
            return [*texts, *eye.on_pictures(page, textpage, texts)]
        return eye.on_page(page) if has_picture(page) else []
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
