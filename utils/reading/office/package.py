"""The zip archive that an Office file is: its parts as XML, and which part refers to which.

Strict files (ISO 29500, “Strict Open XML”) name every namespace otherwise; here they read as the usual ones do.
Source: ECMA-376, part 2 (packages) and part 1 (strict namespaces).
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from utils.files.unreadable import Unreadable

STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_CHUNK_BYTES = 1 << 20
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Relation(NamedTuple):
    """What one part says of another: the last word of the relation's type, and the other's name."""

    kind: str
    target: str


class Package:
    """An open Office file."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._related: dict[str, dict[str, Relation]] = {}

    def main(self, usual: str) -> str:
        """Return the name of the part that all others hang on; `usual` where the file does not say."""
        found = (relation.target for relation in self.related("").values() if relation.kind == "officeDocument")
        return next(filter(self.has, found), usual)

    def has(self, part: str) -> bool:
        return part.lower() in self._names

    def data(self, part: str) -> bytes | None:
        """Return a part's bytes, in the usual namespaces; None where there is no such part."""
        name = self._names.get(part.lower())
        return None if name is None else STRICT.sub(TRANSITIONAL, self._archive.read(name))

    def xml(self, part: str) -> Any | None:
        """Return a part's outermost element; None where there is no such part."""
        from lxml import etree

        data = self.data(part)
        # Nothing is fetched or filled in from outside; the process that reads has a limit of memory.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
        )
        return None if data is None else etree.fromstring(data, parser)

    def needed(self, part: str) -> Any:
        """Return the outermost element of a part without which there is nothing to read. Raises: Unreadable."""
        root = self.xml(part)
        if root is None:
            raise Unreadable("is damaged", "Open it in its own program, save it again, and attach that.")
        return root

    def end(self, part: str, size_bytes: int) -> bytes:
        """Return the last bytes of a part that may be too large to be held as a whole."""
        kept = b""
        with self._archive.open(self._names[part.lower()]) as file:
            while data := file.read(_CHUNK_BYTES):
                kept = (kept + data)[-size_bytes:]
        return kept

    def related(self, part: str) -> dict[str, Relation]:
        """Return what a part refers to within the file, by the ids that it uses."""
        if part not in self._related:
            self._related[part] = self._relations(part)
        return self._related[part]

    def _relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        relations = {}
        for one in () if root is None else root:
            if one.get("TargetMode") != "External" and one.get("Target"):
                target = posixpath.normpath(posixpath.join("/", folder, unquote(one.get("Target")))).lstrip("/")
                relations[one.get("Id")] = Relation((one.get("Type") or "").rpartition("/")[2], target)
        return relations

    def of_kind(self, part: str, kind: str) -> Iterator[str]:
        return (relation.target for relation in self.related(part).values() if relation.kind == kind)


def local(element: Any) -> str:
    """Return an element's name without its namespace; "" for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value(element: Any, name: str = "val") -> str | None:
    if element is None:
        return None
    return next((text for key, text in element.attrib.items() if key.rpartition("}")[2] == name), None)


def child(element: Any, *path: str) -> Any | None:
    """Return the first element at the end of a path of local names; None where there is none."""
    for name in path:
        element = next((one for one in element if local(one) == name), None) if element is not None else None
    return element


def is_on(element: Any) -> bool:
    """Return whether a switch such as <w:checked/> is there and not turned off."""
    return element is not None and (value(element) or "true").lower() not in ("0", "false", "off", "none")


def best_branch(alternate: Any) -> Any | None:
    """Return the branch of an mc:AlternateContent that holds words: the first choice, else what stands in for it."""
    branches = [one for one in alternate if local(one) in ("Choice", "Fallback")]
    told = (one for one in branches if any(local(part) in ("t", "textpath", "chart", "relIds") for part in one.iter()))
    return next(told, branches[0] if branches else None)
