"""What kind of file it is: told by its first bytes, not by its name, for names lie. It leaves out reading."""

import re
import zipfile
from contextlib import suppress
from pathlib import Path

from utils.files.archives import DAMAGE, needs_password
from utils.files.unreadable import Unreadable
from utils.reading.encodings import wide_encoding

# Text that is read line by line; every other file that is text is read the same way.
SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "table",
    ".tsv": "table",
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
}
NAMES = {"pdf": "a PDF", "docx": "a Word file", "pptx": "a PowerPoint file", "xlsx": "an Excel file"}
_PARTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
# What the main part says that it is; documents, templates and shows alike, with macros and without.
_MAIN_TYPES = re.compile(
    rb"(?:wordprocessingml|(ms-word)|(presentationml)|(ms-powerpoint)|(spreadsheetml)|(ms-excel))[\w.]*\.main\+xml"
)
_ENDINGS = {
    "docx": ("docx", "docm", "dotx", "dotm"),
    "pptx": ("pptx", "pptm", "potx", "potm", "ppsx", "ppsm"),
    "xlsx": ("xlsx", "xlsm", "xltx", "xltm", "xlam"),
    "pdf": ("pdf",),
}
_OTHERS = (
    (b"RIFF", "is a sound or a film"),
    (b"ID3", "is a sound"),
    (b"\x1f\x8b", "is a compressed file"),
    (b"7z\xbc\xaf", "is a compressed file"),
    (b"Rar!", "is a compressed file"),
    (b"\x7fELF", "is a program"),
    (b"MZ", "is a program"),
    (b"SQLite format 3", "is a database"),
)
# WebP is a RIFF, HEIC and AVIF are boxes as in a film: what they are stands behind that.
_PICTURE = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftyp(hei|hev|avi|mif1|msf1)", re.DOTALL)
_SAVE_AS = "Save it as PDF, DOCX, PPTX, XLSX, HTML, CSV, Markdown or text, and attach that."
_MAX_UNPACKED_BYTES = 1 << 30
_MAX_RATIO = 200  # XML packs to a tenth, seldom to a fiftieth


def kind_of(path: Path, name: str) -> str:
    """Return pdf, docx, pptx, xlsx, picture, html, table, markdown or text. Raises: Unreadable."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("is empty", "Attach a file that has something in it.")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old_office(path)
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(path)
    if _PICTURE.match(head):
        return "picture"
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise Unreadable(f"{what}, not a document", _SAVE_AS)
    return _text_kind(head, name)


def is_damaged(path: Path) -> bool:
    """Return whether an Office file is broken: a part of it is not as its checksum says, or is no XML."""
    from lxml import etree

    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                data = archive.read(entry)  # checks it, too
                if entry.filename.endswith((".xml", ".rels")):
                    etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (*DAMAGE, etree.XMLSyntaxError):
        return True
    return False


def mislabelled(kind: str, name: str) -> str:
    """Return a sentence where the name says another kind than the file is; else ""."""
    suffix = Path(name).suffix.lower().removeprefix(".")
    if kind in NAMES and suffix not in _ENDINGS[kind]:
        return f"Its name ends in .{suffix}, but it is {NAMES[kind]} and was read as one."
    return ""


def _text_kind(head: bytes, name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix.removeprefix(".") in NAMES:
        label = suffix.removeprefix(".").upper()
        raise Unreadable(
            f"is not a {label} file, although its name says so", "Perhaps it was damaged on the way: get it again."
        )
    is_marked = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    if b"\0" in head and not is_marked and not wide_encoding(head):
        raise Unreadable("is neither a text nor a document that can be read here", _SAVE_AS)
    if suffix not in SUFFIXES and head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    return SUFFIXES.get(suffix, "text")


def _protected() -> Unreadable:
    return Unreadable("is protected by a password", "Save it without a password, and attach that.")


def _old_office(path: Path) -> Unreadable:
    """Return why a file in Microsoft's old container can't be read: it is encrypted, or from before 2007."""
    with path.open("rb") as file:
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20)
    if is_encrypted:
        return _protected()
    return Unreadable("is in an Office format from before 2007", "Save it as DOCX, PPTX or XLSX, and attach that.")


def _office_kind(path: Path) -> str:
    """Return which Office file a zip archive is.

    Raises: Unreadable when it is none, damaged, or unpacks to far more than a document does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            said = _said_kind(archive)
    except DAMAGE as error:
        if needs_password(error):
            raise _protected() from error
        raise Unreadable("is damaged or was cut off", "Get it again, and attach that.") from error
    size_bytes = sum(entry.file_size for entry in entries)
    if size_bytes > _MAX_UNPACKED_BYTES or size_bytes > max(50 << 20, _MAX_RATIO * path.stat().st_size):
        raise Unreadable(
            f"would unpack to {size_bytes >> 20:,} MB, far more than a document needs", "Don't trust this file."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("is protected by a password", "Save it without a password, and attach that.")
    names = {entry.filename.lower() for entry in entries}
    if said or (said := next((kind for part, kind in _PARTS.items() if part in names), "")):
        return said
    if "xl/workbook.bin" in names:
        raise Unreadable("is a binary Excel workbook", "Save it as XLSX, and attach that.")
    if "mimetype" in names:
        raise Unreadable("is an OpenDocument file or an e-book", _SAVE_AS)
    raise Unreadable("is an archive, not a document", "Unpack it, and attach the files in it.")


def _said_kind(archive: zipfile.ZipFile) -> str:
    """Return which Office file an archive says that it is; "" where it does not say."""
    with suppress(KeyError):
        if found := _MAIN_TYPES.search(archive.read("[Content_Types].xml")):
            return ("docx", "docx", "pptx", "pptx", "xlsx", "xlsx")[found.lastindex or 0]
    return ""
