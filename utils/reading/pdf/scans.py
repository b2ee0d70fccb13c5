"""What is read off the pages of a PDF by OCR: only where it may find more than the text that the file tells."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from utils.reading.ocr import words_on
from utils.text.words import counted

MAX_LOOKS = 300  # half a second each
_MAX_PIXELS = 40_000_000
_SAMPLED_SIGNS = 400
_MOST_UNMAPPED = 0.3  # the share of signs that a font does not explain: bullets and the like are fewer
_LEAST_SHARE = 0.04  # of a page, that a picture with words on it takes: in two columns a figure is small
_WHOLE_SHARE = 0.5  # where several pictures take so much of a page, they may be strips of one
_FILLED = 0.8  # and are, where they fill so much of the area around them
_FEW_SIGNS = 300  # more of them on a picture are a layer of text that an OCR has put there
_LETTERS_SEGMENTS = 600  # of drawn lines: some thirty letters; a ruled table has fewer
_SAME = 0.6  # the share of a line's words that the text has already
Area = tuple[float, float, float, float]  # left, bottom, right, top, as PDFs count


class Eye:
    """Looks at the pages of one file, and counts what it has looked at."""

    def __init__(self) -> None:
        self._pages = self._pictures = self._unmapped = self._unseen = self._unread = self._looks = 0

    def on_page(self, page: Any) -> list[str]:
        """Return the lines on a page that is a picture; none where it shows no words."""
        self._pages += 1
        return [text] if (text := self._look(page)) else []

    def in_place_of(self, page: Any, texts: list[str]) -> list[str]:
        """Return what a page shows, where its font does not tell which letters the signs of its text are."""
        if not (seen := self._look(page)):
            self._unseen += 1
            return texts
        new = list(_new_lines(seen, texts))
        if len(new) * 2 <= len(seen.splitlines()):  # they agree: the text is right
            return texts
        self._unmapped += 1
        return [seen]

    def on_outlines(self, page: Any, texts: Sequence[str]) -> list[str]:
        """Return the lines of a page whose letters are drawn as outlines, beside the few that are text."""
        if not (new := list(_new_lines(self._look(page), texts))):
            return []
        self._pictures += 1
        return ["\n".join(new)]

    def on_pictures(self, page: Any, textpage: Any, texts: Sequence[str]) -> list[str]:
        """Return the lines on large pictures of a page that its text does not have."""
        found = []
        for area in _areas(page):
            inside = textpage.get_text_bounded(*area)
            if len("".join(inside.split())) < _FEW_SIGNS and (new := list(_new_lines(self._look(page, area), texts))):
                self._pictures += 1
                found.append("\n".join(new))
        return found

    def told(self) -> Iterator[str]:
        """Yield what a person must know about words that were read off, or not."""
        rest = f", but for the last {self._unread:,}" if self._unread else ""
        mistakes = "so expect a mistake here and there."
        if self._pages:
            pages = "1 page is a picture" if self._pages == 1 else f"{self._pages:,} pages are pictures"
            yield f"{pages}; the words were read off{rest}, {mistakes}"
        elif self._unread:
            yield f"It holds more than {MAX_LOOKS} pictures: the words on the last {self._unread:,} were not read off."
        if self._pictures:
            yield f"The words on {counted(self._pictures, 'picture')} in it were read off, {mistakes}"
        if self._unmapped:
            pages = counted(self._unmapped, "page")
            yield f"On {pages} the file does not tell the letters; the words were read off, {mistakes}"
        if self._unseen:
            pages = counted(self._unseen, "page")
            yield f"On {pages} the file does not tell the letters, and none could be read off: the text may be wrong."

    def _look(self, page: Any, area: Area | None = None) -> str:
        """Return the lines that a page, or a part of it, shows; "" when enough was looked at."""
        if self._looks == MAX_LOOKS:
            self._unread += 1
            return ""
        self._looks += 1
        whole = page.get_bbox()
        part = area if area and not page.get_rotation() else whole  # a turned page is cut in other coordinates
        scale = min(2.0, (_MAX_PIXELS / _size(part)) ** 0.5)
        cut = (part[0] - whole[0], part[1] - whole[1], whole[2] - part[2], whole[3] - part[3])
        return words_on(page.render(scale=scale, crop=cut).to_numpy())


def has_picture(page: Any) -> bool:
    """Return whether a page shows anything; a page with nothing at all is a blank one."""
    from pypdfium2 import raw

    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_PATH)  # forms hold pictures too
    return next(page.get_objects(filter=kinds, max_depth=2), None) is not None


def has_outlines(page: Any, texts: Sequence[str]) -> bool:
    """Return whether more is drawn on a page than lines and frames, and little of it is text: perhaps letters."""
    from pypdfium2 import raw

    if sum(map(len, texts)) >= _FEW_SIGNS:
        return False
    count = 0
    for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3):
        count += max(0, raw.FPDFPath_CountSegments(path.raw))
        if count >= _LETTERS_SEGMENTS:
            return True
    return False


def is_unmapped(textpage: Any) -> bool:
    """Return whether the fonts of a page do not tell which letters its signs are: then its text is none."""
    from pypdfium2 import raw

    count = textpage.count_chars()
    places = range(0, count, max(1, count // _SAMPLED_SIGNS))
    signs = [(place, chr(raw.FPDFText_GetUnicode(textpage, place) & 0xFFFF)) for place in places]
    told = [(place, sign) for place, sign in signs if not sign.isspace()]
    bad = sum(
        raw.FPDFText_HasUnicodeMapError(textpage, place) == 1 or unicodedata.category(sign) in ("Co", "Cn", "Cc")
        for place, sign in told
    )
    return bool(bad > _MOST_UNMAPPED * len(told))


def _areas(page: Any) -> Iterator[Area]:
    """Yield where the large pictures of a page stand; strips that fill it together are one."""
    left, bottom, right, top = page.get_bbox()
    found = []
    for one in _pictures(page):
        at = one.get_bounds()
        box = (max(left, at[0]), max(bottom, at[1]), min(right, at[2]), min(top, at[3]))
        if box[0] < box[2] and box[1] < box[3]:
            found.append(box)
    whole = _size((left, bottom, right, top))
    sizes = [_size(box) / whole for box in found]
    if len(found) > 1 and sum(sizes) >= _WHOLE_SHARE:
        lows, highs = list(zip(*found, strict=True))[:2], list(zip(*found, strict=True))[2:]
        around = (min(lows[0]), min(lows[1]), max(highs[0]), max(highs[1]))
        if sum(sizes) * whole >= _FILLED * _size(around):
            found, sizes = [around], [1.0]
    yield from (box for box, size in zip(found, sizes, strict=True) if size >= _LEAST_SHARE)


def _size(area: Area) -> float:
    return max(1.0, (area[2] - area[0]) * (area[3] - area[1]))


def _pictures(page: Any) -> Iterator[Any]:
    """Yield the pictures of a page, and forms that hold one: a form has coordinates of its own."""
    from pypdfium2 import raw

    for one in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM), max_depth=1):
        if one.type == raw.FPDF_PAGEOBJ_IMAGE or next(
            page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3, form=one.raw), None
        ):
            yield one


def _new_lines(seen: str, texts: Sequence[str]) -> Iterator[str]:
    """Yield the lines that were seen and do not stand in the texts already; an OCR loses accents and spaces."""
    known = _plain(" ".join(texts))
    words, squeezed = set(known.split()), known.replace(" ", "")
    for line in seen.splitlines():
        some = _plain(line).split()
        same = sum(word in words for word in some)
        if some and same < _SAME * len(some) and "".join(some) not in squeezed:
            yield line


def _plain(text: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", bare))
