"""How large things are: a mirror, so that the project stays an afternoon's reading."""

import ast
from collections.abc import Iterator
from pathlib import Path

from benchmarks.structure import code_folders, entries, sources
from settings import ROOT

SOURCES = sources()
ONE_FOR_EACH_STAGE = (ROOT / "view/stages", ROOT / "controller/stages")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, FunctionNode))


def body_lines(function: FunctionNode) -> int:
    """Return the lines of a body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_file_is_longer_than_400_lines_and_no_page_longer_than_10():
    limits = {path: 10 if path.parent == ROOT / "pages" else 400 for path in SOURCES}
    assert [str(path) for path, limit in limits.items() if len(path.read_text().splitlines()) > limit] == []


def test_no_function_is_longer_than_40_lines():
    long = [(path.name, it.name) for path in SOURCES for it in functions(path) if body_lines(it) > 40]
    assert long == []


def test_no_folder_shows_more_than_12_entries_but_those_with_one_for_each_stage():
    crowded = [
        str(folder) for folder in code_folders() if folder not in ONE_FOR_EACH_STAGE and len(entries(folder)) > 12
    ]
    assert crowded == []
