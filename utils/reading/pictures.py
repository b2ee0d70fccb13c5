"""The pictures in a file: the one that it is, or those in a PDF or an Office file, unless they are too small."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from utils.files.unreadable import Unreadable
from utils.pictures.decode import LONGEST_PX, MAX_READ_PIXELS, DecodedPicture, kept_picture, prepared
from utils.reading.block import Block, Drawn, Notice, Read
from utils.reading.ocr import words_on
from utils.reading.pdf.pages import open_pdf

MOST, MOST_PAGES = 20, 200  # of one file
LEAST_PX = 48  # lines, bullets and icons are smaller
MOST_PIECES, MOST_STROKES = 6, 100  # a page of more is a picture as a whole
Placed = tuple[DecodedPicture, str]


def recognise_words(path: Path) -> Iterator[Read]:
    """Yield the words on a picture. Raises: Unreadable."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(prepared(path.read_bytes()).data)) as image:
        words = words_on(np.asarray(image))
    if words:
        yield Block(words)
        yield Notice("This is a picture; the words were read off it, so expect a mistake here and there.")


def taken_out(path: Path, kind: str, folder: Path) -> Iterator[Drawn | Notice]:
    """Put each picture of a file into a folder once, and yield what it is; not all of very many. Raises: Unreadable."""
    seen: set[str] = set()
    for picture, place in _pictures(path, kind):
        file_name = sha256(picture.data).hexdigest()
        is_too_small = kind != "picture" and min(picture.width_px, picture.height_px) < LEAST_PX
        if is_too_small or file_name in seen:
            continue
        if len(seen) == MOST:
            yield Notice(f"It holds more than {MOST} pictures: the first {MOST} were taken.")
            return
        seen.add(file_name)
        (folder / file_name).write_bytes(picture.data)
        yield Drawn(file_name, picture.media_type, picture.width_px, picture.height_px, place)


def _pictures(path: Path, kind: str) -> Iterator[Placed]:
    """Yield the pictures of a file in their order, and where each stands; a text or a table has none.

    Raises: Unreadable.
    """
    if kind == "picture":
        yield prepared(path.read_bytes()), ""
    elif kind == "pdf":
        yield from _of_pdf(path)
    elif kind in ("docx", "pptx", "xlsx"):
        yield from _of_office(path)


def _of_office(path: Path) -> Iterator[Placed]:
    """Yield the pictures of an Office file; drawings in Windows' own form are left out."""
    with zipfile.ZipFile(path) as archive:
        media = [info for info in archive.infolist() if re.match(r"(word|ppt|xl)/media/", info.filename)]
        for info in sorted(media, key=lambda info: [int(n) for n in re.findall(r"\d+", info.filename)]):
            try:
                yield prepared(archive.read(info)), Path(info.filename).stem
            except Unreadable:
                continue


def _of_pdf(path: Path) -> Iterator[Placed]:
    """Yield the pictures of a PDF, page by page; of a long one those of its first pages.

    Raises: Unreadable when it is locked or damaged.
    """
    with open_pdf(path) as document:
        for index in range(min(len(document), MOST_PAGES)):
            page = document[index]
            yield from ((picture, f"page {index + 1}") for picture in _of_page(page))
            page.close()


def _of_page(page: Any) -> Iterator[DecodedPicture]:
    """Yield the pictures of a page; the whole page where they are pieces of one."""
    from pypdfium2 import PdfiumError, raw

    images = [image for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3) if _is_large(image)]
    strokes = islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3), MOST_STROKES + 1)
    if len(images) > MOST_PIECES or sum(1 for _ in strokes) > MOST_STROKES:
        yield kept_picture(page.render(scale=LONGEST_PX / max(page.get_size())).to_pil())
    else:
        for image in images:
            with suppress(PdfiumError):  # the others may be whole
                yield kept_picture(image.get_bitmap(render=True).to_pil())


def _is_large(image: Any) -> bool:
    width_px, height_px = image.get_px_size()
    return bool(min(width_px, height_px) >= LEAST_PX and width_px * height_px <= MAX_READ_PIXELS)
