"""What CONTRIBUTING tells to write works: stage, provider and tool are put into a copy of bnaGPT, and used there."""

import re
from pathlib import Path

import pytest

from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.options import Options
from settings import ROOT
from tests.copies import copied, run_in
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


def python_blocks() -> list[str]:
    """Return the code that is to be written: a stage's four pieces, a provider's row, a tool's two."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [re.sub(r"^ {3}", "", code, flags=re.M) for code in re.findall(r"```python\n(.*?)```", text, re.S)]


def put_before(path: Path, mark: str, code: str) -> None:
    """Put code into a file, in front of a mark that stands there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(mark) == 1, mark
    path.write_text(text.replace(mark, f"{code}{mark}"), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of bnaGPT to which all that CONTRIBUTING tells was added."""
    controller, view, page, stage_row, provider_row, tool, tools_of_stage = python_blocks()
    root = copied(tmp_path / "copy", "assistants")
    (root / "controller/stages/clock.py").write_text(controller)
    (root / "view/stages/clock.py").write_text(view)
    (root / "pages/13_Clock.py").write_text(page)
    put_before(root / "controller/stages/__init__.py", "\n)\n\n\ndef stage(", f"\n{stage_row.rstrip()},")
    put_before(root / "model/providers/provider.py", '    Provider("ollama"', f"{provider_row.rstrip()},\n")
    (root / "controller/stages/run_code/dice.py").write_text(tool)
    run_code = root / "controller/stages/run_code/controller.py"
    offered = "    def tools(self, turn: Turn) -> list[Tool]:\n        return [run_code_tool(self.resources, turn)]\n"
    put_before(run_code, offered, tools_of_stage)
    run_code.write_text(run_code.read_text().replace(offered, ""))
    put_before(run_code, "from controller.stages.run_code.tool", "from controller.stages.run_code.dice import DIE\n")
    return root


USED = """
import httpx
from streamlit.testing.v1 import AppTest

from controller.stages.chatbot_with_memory import MemoryController
from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from model.chat.conversation import Conversation
from model.chat.options import Options
from tests.api_server import ApiServer
from view.terminal.session import TerminalState

assert STAGES[-1].slug == "clock" and STAGES[-1].page == "pages/13_Clock.py"
home = AppTest.from_file("Home.py", default_timeout=240).run()
assert not home.exception, home.exception

page = AppTest.from_file("Home.py", default_timeout=240)
page.switch_page(STAGES[-1].page)
page.run()
assert [title.value for title in page.title] == ["Clock"], page.exception
assert [one for one in page.toggle if ".asks_first." in (one.key or "")], "nobody can say that it shall ask first"
page.chat_input[0].set_value("What time is it?").run()
assert not page.exception and not page.error, (page.exception, page.error)
assert "It is noon." in [part.value for part in page.chat_message[-1].markdown]

assistants = AppTest.from_file("Home.py", default_timeout=240)
assistants.switch_page("pages/11_All_Together.py")
assistants.run()
[switches] = [group for group in assistants.get("button_group") if ".tools." in (group.key or "")]
assert "clock" in switches.value, switches.value

api = ApiServer()
choices = api.client.get("/choices").json()
assert "clock" in [row["slug"] for row in choices["stages"]]
assert "deepseek" in [row["name"] for row in choices["providers"]]
answer = api.client.post("/chat", json={"message": "What time is it?", "stage": "clock"}).json()
assert answer["response"] == "It is late.", answer
rolled = api.client.post("/chat", json={"message": "Roll a die.", "stage": "run_code"}).json()
assert rolled["response"] == "There it is.", rolled
state = TerminalState(api.parts, "clock", "deepseek/")
assert state.provider.title == "DeepSeek"
api.close()
"""


def test_the_stage_the_provider_and_the_tool_of_contributing_work_everywhere(copy: Path, server: ScriptedServer):
    clock = Reply(tool_calls=[("current_time", "{}")])
    roll = Reply(tool_calls=[("roll_die", '{"sides": 6}'), ("roll_die", '{"sides": 1}')])
    server.script(clock, Reply("It is noon."), clock, Reply("It is late."), roll, Reply("There it is."))
    run_in(copy, USED, DEEPSEEK_API_KEY="sk-x", DEEPSEEK_BASE_URL=server.base_url)
    assert [request.body["model"] for request in server.requests] == ["deepseek-chat"] * 6
    told = [message["role"] for message in server.requests[1].body["messages"]]
    assert told == ["user", "assistant", "tool"]
    thrown, refused = (message["content"] for message in server.requests[-1].body["messages"][-2:])
    assert 1 <= int(thrown) <= 6 and refused == "A die with 1 sides can't be thrown. Name 2 or more."


@pytest.mark.parametrize("row", [row for row in STAGES if not row.is_composed], ids=lambda row: row.slug)
def test_a_row_says_whether_its_stage_has_tools(row: Stage):
    assert row.has_tools is (row.controller_class.about_tools(Options()) is not None)


def test_what_a_stage_without_tools_tells_reaches_the_model(providers: Providers, server: ScriptedServer):
    class Pirate(MemoryController):
        instructions = "Talk like a pirate."

    list(Pirate(build_resources(providers)).reply(Conversation(), "Hi"))
    told = [(message["role"], message["content"]) for message in server.requests[0].body["messages"]]
    assert told == [("system", "Talk like a pirate."), ("user", "Hi")]
