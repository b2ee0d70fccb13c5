"""The generated parts of README.md, docs/ and `.env.example`: each is made from the code that it tells of.

cog calls these from the comments in those files; `make docs` writes them, `make generated` checks them.
"""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from controller.stages import STAGES, Stage
from model.errors import BnaError
from model.providers.embedded import EMBEDDED_MODELS
from model.providers.provider import EMBEDDED, PROVIDERS, Provider, provider_variables
from settings import ROOT, VARIABLES

SETTINGS = (*VARIABLES, *provider_variables())

LAYERS = ("view", "controller", "model")


def stages() -> str:
    """Return a row for each stage, with the three files to read."""
    rows = [[str(stage.number), f"**{stage.title}**", stage.adds, _files_of(stage)] for stage in STAGES]
    return _table(["#", "Stage", "What it adds", "Files"], rows)


def providers() -> str:
    """Return a row for each provider."""
    best = EMBEDDED_MODELS[0]
    embedded = replace(EMBEDDED, default_model=best.title, context_window=best.context_window)
    known = (embedded, *PROVIDERS[1:])
    rows = [[p.title, f"`{p.name}`", _needs(p), _model_of(p), f"{p.context_window:,}"] for p in known]
    return _table(["Provider", "`LLM_PROVIDER`", "What it needs", "Default model", "Context window, in tokens"], rows)


def settings() -> str:
    """Return a row for each variable."""
    rows = [[f"`{v.name}`", v.meaning, f"`{v.default}`" if v.default else ""] for v in SETTINGS]
    return _table(["Variable", "Meaning", "Default"], rows)


def errors() -> str:
    """Return a row for each error that the code can raise, its family first."""
    rows = [[f"`{kind.__name__}`", f"`{kind.__mro__[1].__name__}`", _says(kind)] for kind in _raised(BnaError)]
    return _table(["Error", "Is a", "What happened"], rows)


def house() -> str:
    """Return the rooms, each with what its `__init__.py` says first."""
    lines = ["Home.py, pages/       One short file for each page."]
    for layer in (*LAYERS, "utils"):
        for room in (ROOT / layer, *sorted(path.parent for path in (ROOT / layer).glob("*/__init__.py"))):
            indent = "  " * (room.parent != ROOT)
            lines.append(f"{indent + room.name + '/':<22}{_first_sentence(room / '__init__.py')}")
    lines.append("settings.py           What a person may choose; read once.")
    return "\n".join(["```text", *lines, "```", ""])


def env_example() -> str:
    """Return every variable with its meaning, set to nothing."""
    parts = []
    for variable in SETTINGS:
        default = f" Default: {variable.default}" if variable.default else ""
        meaning = textwrap.wrap(variable.meaning + default, 100, break_long_words=False, break_on_hyphens=False)
        parts.append("\n".join([*(f"# {line}" for line in meaning), f"{variable.name}="]))
    return "\n".join(f"{part}\n" for part in parts)


def _first_sentence(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=\.)\s", told, maxsplit=1)[0]


def _files_of(stage: Stage) -> str:
    paths = (name.rpartition(".")[0].replace(".", "/") for name in (stage.view, stage.controller))
    return ", ".join(f"`{path}`" for path in (stage.page, *(f"{path}.py" for path in paths)))


def _needs(provider: Provider) -> str:
    if provider.is_built_in:
        return "nothing"
    if provider.base_url_variable and provider.is_local:
        return f"running here; elsewhere: `{provider.base_url_variable}`"
    if not provider.needs_key:
        return f"`{provider.base_url_variable}`, and `{provider.key_variable}` if the server wants a key"
    return f"`{provider.key_variable}`"


def _model_of(provider: Provider) -> str:
    return f"`{provider.default_model}`" if provider.default_model else "the first that it lists"


def _raised(family: type[BnaError]) -> Iterator[type[BnaError]]:
    """Yield the errors below a family that some file makes: the tree also has places for what is still to come."""
    sources = "\n".join(path.read_text(encoding="utf-8") for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
    for kind in family.__subclasses__():
        below = list(_raised(kind))
        if below or re.search(rf"(?<!class ){kind.__name__}\(", sources):
            yield kind
        yield from below


def _says(kind: type[BnaError]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table, with empty lines around it."""
    head = list(head)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"
