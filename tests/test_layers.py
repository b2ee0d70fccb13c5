"""The walls of the house, read off the syntax tree: imports point one way, and libraries stay where they belong."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from settings import ROOT
from view.app import Services

LAYERS = ["pages", "view", "controller", "model", "utils", "settings"]
FILES = [
    ROOT / "Home.py",
    ROOT / "settings.py",
    *(path for layer in LAYERS[:-1] for path in sorted((ROOT / layer).rglob("*.py"))),
]
# Which layer may use which library; every other library is free.
LIBRARIES = {
    "streamlit": {"Home", "pages", "view"},
    "llama_index": {"controller"},
    "openai": {"controller"},
    "groq": {"controller"},
    "xllamacpp": {"utils"},
    "dotenv": {"settings"},
}


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_imports_point_one_way_and_libraries_stay_in_their_layer():
    for path, name in ((file, name) for file in FILES for name in imports_of(file)):
        layer, top = layer_of(path), name.split(".")[0]
        if top in LAYERS:
            rank = LAYERS.index("pages" if layer == "Home" else layer)
            assert LAYERS.index(top) >= rank, f"{path} imports {name}: a lower layer imports a higher one"
        if top in LIBRARIES:
            assert layer in LIBRARIES[top], f"{path} imports {name}, which belongs in {LIBRARIES[top]}"


def test_the_screen_and_http_know_nothing_of_each_other():
    for path in FILES:
        names = {name.split(".")[0] for name in imports_of(path)}
        is_http = path.parent == ROOT / "view/http"
        assert not (is_http and "streamlit" in names), path
        assert is_http or "fastapi" not in names, path


def test_views_ask_controllers_for_what_is_saved():
    """All of view/ but the composition root goes through controller/history, whatever keeps the conversations."""
    for path in (path for path in FILES if layer_of(path) == "view" and path != ROOT / "view/app.py"):
        names = {name for name in imports_of(path) if name.startswith(("model.store", "model.search"))}
        assert not names, f"{path} imports {names}: ask controller/history/saved_conversations.py"
    services = {field.name for field in fields(Services)}
    assert not services & {"store", "journal", "index"}, "views would reach behind the door"


def test_only_json_files_are_known_to_who_opens_them():
    """What works on saved conversations works on the protocol, so that a database can keep them."""
    for path in FILES:
        if layer_of(path) in ("controller", "model") and path.parent != ROOT / "model/store":
            assert "model.store.json_store" not in imports_of(path), path


def test_only_the_terminal_uses_its_libraries():
    for path in FILES:
        names = {name.split(".")[0] for name in imports_of(path)}
        assert path.parent == ROOT / "view/terminal" or not names & {"typer", "rich", "prompt_toolkit"}, path


def test_no_stage_imports_another_but_memory():
    from controller.stages import STAGES

    stages = {row.controller.rpartition(".")[0] for row in STAGES} - {"controller.stages.chatbot_with_memory"}
    for stage in stages:
        assert not (stages - {stage}) & set(imports_of(ROOT / f"{stage.replace('.', '/')}.py"))


def test_only_settings_reads_the_environment():
    for path in FILES:
        if path.name != "settings.py":
            assert not re.search(r"\b(environ|getenv)\b", path.read_text().replace("from_env(environ)", "")), path


def test_no_html_of_a_model_is_ever_rendered():
    assert [path.name for path in FILES if "unsafe_allow_html" in path.read_text()] == []


def test_nothing_runs_at_import_but_definitions():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    allowed = (ast.Import, ast.ImportFrom, *functions, ast.ClassDef, ast.Assign, ast.AnnAssign)
    for path in FILES:
        if layer_of(path) in ("Home", "pages"):
            continue
        body = ast.parse(path.read_text()).body[1:]
        fine = ("__main__", "TYPE_CHECKING")
        main = [node for node in body if isinstance(node, ast.If) and any(it in ast.unparse(node.test) for it in fine)]
        assert all(isinstance(node, allowed) for node in body if node not in main), path


def test_what_controllers_say_names_no_part_of_a_page():
    """The same sentences reach programs and the terminal, where there is no Retry and no sidebar."""
    for path in (path for path in FILES if layer_of(path) in ("controller", "model")):
        strings = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        said = [node.value for node in strings if isinstance(node.value, str) and "\n" not in node.value]
        # Whole sentences only: all else is names, and parts of texts.
        wrong = [text for text in said if text.endswith(".") and ("press " in text.lower() or "sidebar" in text)]
        assert wrong == [], path
