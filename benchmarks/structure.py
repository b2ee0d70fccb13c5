"""The shape of the code, as figures: how much there is, what one stage needs, and how far a name can be trusted.

.venv/bin/python -m benchmarks.structure [--closure]
"""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import grimp

from settings import ROOT

LAYERS = ("pages", "view", "controller", "model", "utils")
PACKAGES = LAYERS[1:]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# A stage as it reads: its view, then the controller that answers. What both are handed is built elsewhere.
IMPORTED = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
from controller.stages import stage
row = stage(sys.argv[1])
importlib.import_module(row.view.rpartition(".")[0])
for root in sys.argv[2:]:
    importlib.import_module(root)
row.controller_class
print(*(getattr(module, "__file__", "") or "" for module in list(sys.modules.values())), sep="\\n")
"""


def sources() -> list[Path]:
    """Return all files of the app."""
    return [
        ROOT / "Home.py",
        ROOT / "settings.py",
        *(path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))),
    ]


def line_count(paths: Sequence[Path]) -> int:
    """Return how many lines files have together."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def closure(slug: str, *roots: str) -> list[Path]:
    """Return the files of the app that a stage imports, with those of composition roots."""
    command = [sys.executable, "-c", IMPORTED, slug, *roots]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    loaded = {Path(line).resolve() for line in printed.splitlines()}
    return [path for path in sources() if path.resolve() in loaded]


def reading_path() -> dict[Path, list[str]]:
    """Return the files at which the tour stops, with the names that are to be read there; none means all of it."""
    text = (ROOT / "docs/tour.md").read_text(encoding="utf-8").partition("\n## The same, seen otherwise")[0]
    stops: dict[Path, list[str]] = {}
    for head in re.findall(r"^- (.*?)(?::\s|$)", re.sub(r"\n +", " ", text), re.M):
        path = ROOT
        for named in re.findall(r"`([\w./]+)`", head):
            if named.endswith(".py"):
                path = ROOT / named
                stops.setdefault(path, [])
            else:
                stops[path].append(named)
    return stops


def lines_to_read(path: Path, names: Sequence[str]) -> set[int]:
    """Return which lines of a file the definitions with these names take; all of them where there are no names."""
    text = path.read_text(encoding="utf-8")
    if not names:
        return set(range(len(text.splitlines())))
    lines: set[int] = set()
    for owner in ast.parse(text).body:
        targets = owner.targets if isinstance(owner, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id in names for target in targets):
            lines |= set(range(owner.lineno, (owner.end_lineno or 0) + 1))
        if isinstance(owner, (*FUNCTIONS, ast.ClassDef)):
            parts = [node for node in owner.body if isinstance(node, FUNCTIONS)]
            named = [(owner.name, owner), *((f"{owner.name}.{part.name}", part) for part in parts)]
            lines |= {n for name, it in named if name in names for n in range(it.lineno, (it.end_lineno or 0) + 1)}
    return lines


def entries(folder: Path) -> list[str]:
    """Return what a folder of code shows, without its `__init__.py`."""
    hidden = {"__init__.py", "__pycache__"}
    return sorted(path.name for path in folder.iterdir() if path.name not in hidden and not path.name.startswith("."))


def code_folders() -> list[Path]:
    """Return all folders of code, but for the one of the pages."""
    return sorted({path.parent for path in sources()} - {ROOT, ROOT / "pages"})


def import_cycles() -> list[list[str]]:
    """Return the groups of modules that import each other in a circle."""
    graph = grimp.build_graph(*PACKAGES)
    return [sorted(group) for group in _circles({m: graph.find_modules_directly_imported_by(m) for m in graph.modules})]


def _circles(graph: dict[str, set[str]]) -> Iterator[set[str]]:
    """Yield the strongly connected parts with more than one module: what is reached from it, and reaches it."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        seen: set[str] = set()
        ways = [start]
        while ways:
            ways += graph[(module := ways.pop())] - seen
            seen |= graph[module]
        reached[start] = seen
    done: set[str] = set()
    for start in graph:
        if start not in done and start in reached[start]:
            circle = {module for module in reached[start] if start in reached[module]}
            done |= circle
            yield circle


def late_imports() -> list[str]:
    """Return the imports of the app's own modules that are written inside a function, or made of a string."""
    return [f"{path.relative_to(ROOT)}:{line}" for path in sources() for line in sorted(_late_lines(path))]


def _late_lines(path: Path) -> set[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {node for function in ast.walk(tree) if isinstance(function, FUNCTIONS) for node in ast.walk(function)}
    own = re.compile(rf"(?:{'|'.join((*LAYERS, 'settings'))})\b")
    lines = set()
    for node in inside:
        if isinstance(node, ast.ImportFrom) and own.match(node.module or ""):
            lines.add(node.lineno)
        elif isinstance(node, ast.Import) and any(own.match(alias.name) for alias in node.names):
            lines.add(node.lineno)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "import_from_string")):
            first = node.args[0]
            if not isinstance(first, ast.Constant) or own.match(str(first.value)):
                lines.add(node.lineno)
    return lines


def shared_names() -> dict[str, list[str]]:
    """Return the public functions and classes whose name more than one file defines, with these files."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for name in sorted(set(_public_names(path))):
            found[name].append(str(path.relative_to(ROOT)))
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def _public_names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node.name


def rows() -> list[tuple[str, str]]:
    """Return the figures, each with its name."""
    one, two, tour = closure("simple_chatbot"), closure("chatbot_with_memory"), reading_path()
    handed = closure("chatbot_with_memory", "view.pages")
    fullest = max(code_folders(), key=lambda folder: len(entries(folder)))
    loose = {layer: len([name for name in entries(ROOT / layer) if name.endswith(".py")]) for layer in PACKAGES}
    return [
        ("Lines of the app", f"{line_count(sources()):,} in {len(sources())} files"),
        ("What stage 1 imports", f"{len(one)} files, {line_count(one):,} lines"),
        ("What stage 2 imports", f"{len(two)} files, {line_count(two):,} lines"),
        ("With what it is handed", f"{len(handed)} files, {line_count(handed):,} lines"),
        ("The tour", f"{sum(len(lines_to_read(*stop)) for stop in tour.items()):,} lines in {len(tour)} files"),
        ("All of its files", f"{line_count(list(tour)):,} lines"),
        ("Most entries of a folder", f"{len(entries(fullest))} in {fullest.relative_to(ROOT)}/"),
        ("Files directly in a layer", ", ".join(f"{layer} {count}" for layer, count in loose.items())),
        ("Import cycles", str(len(import_cycles()))),
        ("Late project imports", f"{len(late_imports())}: {', '.join(late_imports())}"),
        ("Names of two things", f"{len(shared_names())}: {', '.join(shared_names())}"),
    ]


if __name__ == "__main__":
    if "--closure" in sys.argv:
        for path in closure("chatbot_with_memory"):
            print(f"{line_count([path]):5} {path.relative_to(ROOT)}")
    for name, figure in rows():
        print(f"{name:28} {figure}")
