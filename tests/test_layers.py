"""The walls of the house that import-linter can't see; the others are contracts in pyproject.toml (`make imports`)."""

import ast
import re
from pathlib import Path

from benchmarks.structure import LAYERS, late_imports, sources
from settings import ROOT

FILES = sources()


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules_named_in(path: Path) -> set[str]:
    """Return the first name of every module that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_settings_know_only_tools_and_home_only_its_view():
    assert modules_named_in(ROOT / "settings.py") & set(LAYERS) == {"utils"}
    assert modules_named_in(ROOT / "Home.py") & set(LAYERS) == {"view"}


def test_only_settings_read_a_dotenv_file_and_one_other_changes_it():
    readers = {"settings.py", "env_file.py", "env_writing.py"}
    assert {path.name for path in FILES if "dotenv" in modules_named_in(path)} == readers

    def who_imports(module: str) -> set[str]:
        return {path.name for path in FILES if f"from utils.files.{module} import" in path.read_text()}

    assert who_imports("env_file") == {"settings.py", "env_writing.py"}
    assert who_imports("env_writing") == {"own_settings.py"}


def test_modules_of_the_app_are_imported_at_the_top_of_a_file_and_only_the_table_of_stages_names_some():
    table = ("controller/stages/__init__.py", "view/site.py", "controller/history/export.py", "view/app.py")
    late = [place for place in late_imports() if not place.startswith(table)]
    assert late == []


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
