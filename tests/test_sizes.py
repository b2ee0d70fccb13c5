"""How large things are: a mirror, so that the project stays an afternoon's reading."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from controller.stages import STAGES
from settings import ROOT

SOURCES = [
    ROOT / "Home.py",
    ROOT / "settings.py",
    *(path for layer in ("pages", "view", "controller", "model", "utils") for path in (ROOT / layer).rglob("*.py")),
]
STAGE_VIEWS = {f"{row.slug}.py" for row in STAGES}
TABLES = {"settings.py", "controller/stages.py", "model/provider.py"}  # mostly rows, one for each thing there is
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def limit_lines(path: Path) -> int:
    if path.parent.name == "pages":
        return 10
    if "tests" in path.relative_to(ROOT).parts:
        return 250
    if str(path.relative_to(ROOT)) in TABLES:
        return 200
    return 120 if path.parent.name == "view" and path.name in STAGE_VIEWS else 150


def functions(path: Path) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, FunctionNode))


def body_lines(function: FunctionNode) -> int:
    """Return the lines of a body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def depth(node: ast.AST) -> int:
    """Return how deep the blocks below a node are nested."""
    deepest = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return deepest + isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match)


@pytest.mark.parametrize(
    "path", [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_file_is_longer_than_its_limit(path: Path):
    assert len(path.read_text().splitlines()) <= limit_lines(path)


def test_functions_are_short():
    sizes = [body_lines(function) for path in SOURCES for function in functions(path)]
    assert median(sizes) <= 8
    assert quantiles(sizes, n=10)[-1] <= 20
    assert max(sizes) <= 40


def test_functions_take_few_parameters():
    command_lines = {"terminal.py: main"}  # each parameter is an option
    for path in SOURCES:
        for function in functions(path):
            arguments = [*function.args.args, *function.args.kwonlyargs]
            names = [argument.arg for argument in arguments if argument.arg not in ("self", "cls")]
            is_command_line = f"{path.name}: {function.name}" in command_lines
            assert len(names) <= 5 or is_command_line, f"{path.name}: {function.name}({', '.join(names)})"


def test_blocks_are_nested_at_most_three_deep():
    for path in SOURCES:
        for function in functions(path):
            assert depth(function) <= 3, f"{path.name}: {function.name}"


def test_everything_has_a_docstring():
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree), path
