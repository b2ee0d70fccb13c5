"""The documents: what they say of the code is so."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from settings import ROOT, Settings
from tests.waiting import PATIENCE_S

PAGES = tuple(sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")))
GENERATED = ("README.md", ".env.example", *PAGES)
GUIDES = ("README.md", "CONTRIBUTING.md", *PAGES)
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-weights.txt", "requirements-analysis.txt")


@pytest.fixture(params=GUIDES)
def guide(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def text_of(guide: str) -> str:
    return (ROOT / guide).read_text(encoding="utf-8")


def links_of(guide: str) -> list[tuple[Path, str]]:
    """Return the file and the heading of each link to one of ours."""
    text = text_of(guide)
    linked = re.findall(r"\]\(([^):]+)\)", text) + re.findall(r"src(?:set)?=\"([^\":]+)\"", text)
    places = [link.partition("#") for link in linked]
    return [((ROOT / guide).parent / path if path else ROOT / guide, heading) for path, _, heading in places]


def anchors_of(page: Path) -> set[str]:
    """Return what a page's headings are called in addresses, as GitHub does it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_generated_parts_are_up_to_date():
    command = [sys.executable, "-m", "cogapp", "--check", "--diff", "-I", ".", *GENERATED]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert run.returncode == 0, f"'make docs' mends this\n{run.stdout}\n{run.stderr}"


@pytest.mark.parametrize("guide", ["README.md", "CONTRIBUTING.md", "docs/tour.md", "docs/how-it-is-built.md"])
def test_every_file_that_is_named_exists(guide: str):
    prose = re.sub(r"```.*?```", "", text_of(guide), flags=re.S)
    named = re.findall(r"`([\w./-]+(?:\.(?:py|md|txt|toml|example)|/))`", prose)
    assert len(named) > 5
    assert [path for path in named if not path.startswith(".venv") and not (ROOT / path).exists()] == []


def test_every_picture_and_page_that_is_linked_exists(guide: str):
    assert [str(path) for path, _ in links_of(guide) if not path.exists()] == []


def test_every_heading_that_is_linked_exists(guide: str):
    assert [f"{path}#{to}" for path, to in links_of(guide) if to and to not in anchors_of(path)] == []


def test_the_readme_leads_to_every_page_and_is_short():
    linked = {path.name for path, _ in links_of("README.md")}
    assert [page for page in PAGES if Path(page).name not in linked] == []
    assert len(text_of("README.md").splitlines()) <= 170


def test_every_make_target_that_is_named_exists(guide: str):
    named = re.findall(r"(?:`|^ {4}.*?)\bmake ([a-z]+)", text_of(guide), re.M)
    targets = re.findall(r"^([a-z]+):", text_of("Makefile"), re.M)
    assert set(named) <= set(targets)


def test_a_row_tells_of_every_dependency_and_of_no_other():
    pinned = [
        name
        for file in REQUIREMENTS
        for name in re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==", (ROOT / file).read_text("utf-8"), re.M)
    ]
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", text_of("docs/dependencies.md"), re.M)) == sorted(pinned)


def test_a_copy_of_the_example_changes_nothing():
    values = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}
    assert Settings.from_env(values) == Settings.from_env({})


def names_in(path: str) -> set[str]:
    """Return the functions, classes and constants of a file, methods with their class in front."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def test_every_place_on_the_tour_is_there():
    text = " ".join((ROOT / "docs" / "tour.md").read_text(encoding="utf-8").split())
    stops = re.findall(r"`([\w/]+\.py)`,(?: then)? `([\w.]+)`(?:,? (?:then|and) `([A-Z_][\w.]*)`)?", text)
    assert len(stops) > 25
    missing = [f"{path} {name}" for path, *names in stops for name in names if name and name not in names_in(path)]
    assert missing == []
    assert [path for path in re.findall(r"`([\w/]+\.py)`", text) if not (ROOT / path).exists()] == []


ARTICLE = (
    *("streamlit run Simple_Chatbot.py", "initialize_session", "build_sidebar", "CONVERSATIONS_FILE", "utils/llama.py"),
    *("controller/chatbot_with_memory.py", "create_memory_from_historical_messages", "create_openAI_agent"),
    *("chat_with_openAI_agent", "convert_message_to_chat_message", "StreamingMessage", "MessageRole"),
)


def test_every_name_of_the_article_has_a_place_that_is_there():
    text = (ROOT / "docs" / "from-the-article.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [name for name in ARTICLE if not any(f"`{name}`" in row[0] for row in rows)] == []
    for _, place, _ in rows:
        paths = re.findall(r"`([\w/]+\.py)`", place)
        named = re.findall(r"`([\w/]+\.py)`, `([A-Za-z_][\w.]*)`", place)
        assert paths and [path for path in paths if not (ROOT / path).exists()] == []
        assert [f"{path} {name}" for path, name in named if name not in names_in(path)] == []
