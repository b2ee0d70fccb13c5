"""The spine stands alone: without any other stage, stages 1 and 2 work on the page, over HTTP and in the terminal."""

import re
import shutil
from pathlib import Path

import pytest

from tests.copies import copied, run_in
from tests.scripted_server import Reply, ScriptedServer

SPINE = ("__init__.py", "suggestions.py", "simple_chatbot.py", "chatbot_with_memory.py")
# What only stages know; usage counts the cost of pictures.
OF_STAGES = ("assistants", "documents", "json_mode")

USED = """
from streamlit.testing.v1 import AppTest

from controller.stages import STAGES
from tests.api_server import ApiServer
from view.terminal.session import TerminalState

assert len(STAGES) == 2
home = AppTest.from_file("Home.py", default_timeout=240).run()
assert not home.exception, home.exception
for stage in STAGES:
    page = AppTest.from_file("Home.py", default_timeout=240)
    page.switch_page(stage.page)
    page.run()
    page.chat_input[0].set_value("Hi").run()
    assert not page.exception and not page.error, (page.exception, page.error)
    assert "Hello." in [part.value for part in page.chat_message[-1].markdown]
api = ApiServer()
assert [row["slug"] for row in api.client.get("/choices").json()["stages"]] == [stage.slug for stage in STAGES]
assert api.client.post("/chat", json={"message": "Hi"}).json()["response"] == "Hello."
assert TerminalState(api.parts, "chatbot_with_memory", "").stage.slug == "chatbot_with_memory"
api.close()
"""


@pytest.fixture
def spine(tmp_path: Path) -> Path:
    """Return a copy of bnaGPT without the stages from 3 on."""
    root = copied(tmp_path / "copy")
    others = [path for layer in ("view", "controller") for path in (root / layer / "stages").iterdir()]
    others += [root / "model" / name for name in OF_STAGES]
    others += [path for path in (root / "pages").iterdir() if not re.match(r"(1|2|9\d)_", path.name)]
    for path in others:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in SPINE:
            path.unlink()
    table = root / "controller/stages/__init__.py"
    rows = re.sub(r"    Stage\(\n        3,.*?\n(?=\)\n\n\ndef stage)", "", table.read_text(), flags=re.S)
    table.write_text(rows)
    return root


def test_stages_1_and_2_work_without_the_others(spine: Path, server: ScriptedServer):
    server.script(*[Reply("Hello.")] * 3)
    run_in(spine, USED, LLM_PROVIDER="openai", OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=server.base_url)
