"""The body of an HTTP answer from a stranger, read up to a limit.

It leaves out how the answer is asked for.
"""

import zlib
from collections.abc import Iterator

import httpx

READABLE = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/rss+xml")


def kind_of(response: httpx.Response, kinds: tuple[str, ...] = READABLE) -> tuple[str, str]:
    """Return the media type and the charset that the answer names; without a word it may be a page.

    Raises: ValueError when it is none of the kinds that are wanted.
    """
    media_type, _, _ = response.headers.get("Content-Type", "text/html").partition(";")
    media_type = media_type.strip().lower()
    if not media_type.startswith(kinds):
        wanted = "text that can be read here" if kinds == READABLE else "file of the kind that was expected"
        raise ValueError(f"The page is no {wanted}, but {media_type[:40] or 'of no kind'}.")
    return media_type, response.charset_encoding or ""


def body_of(response: httpx.Response, limit_bytes: int, is_text: bool = True) -> bytes:
    """Return what the answer holds; more than the limit where there is more, but never much.

    Raises: ValueError when it is no text, though it should be, or packed in a way that is not known.
    """
    data = b""
    for piece in _unpacked(response, limit_bytes):
        data += piece
        if len(data) > limit_bytes:
            break
    if is_text and b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("The page is no text that can be read here.")
    return data


def _unpacked(response: httpx.Response, limit_bytes: int) -> Iterator[bytes]:
    """Yield the body in pieces; unpacked here, because httpx makes all of a piece at once, however large."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise ValueError(f"The page is packed in a way that can't be read here: {encoding[:40]}.")
    if encoding in ("identity", ""):
        yield from response.iter_raw()
        return
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, whichever the data says
    try:
        for piece in response.iter_raw():
            yield unpack.decompress(piece, limit_bytes + 1)
    except zlib.error as error:
        raise ValueError("The page is packed wrongly, so it can't be read.") from error
