"""What a model thought, on the page: folded, each version's own, safe, and nowhere else."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.delta_generator import DeltaGenerator

from controller.chat.turns import THINKING, RunningTurn
from controller.stages import STAGES
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from view.chat import streaming
from view.chat.streaming import GrowingAnswer, GrowingText, GrowingThinking, StepDrawers
from view.chat.thinking import OPEN_KEY

OpenPage = Callable[..., Screen]
LONG = "The air cools, and so its water condenses. " * 1200
PICTURE = "![x](http://images.example/leak.png) <img src=http://images.example/leak.png>"


def saved(tmp_path: Path, *messages: dict[str, Any]) -> None:
    (tmp_path / "conversations.json").write_text(json.dumps({"Rain": list(messages)}))


def said(thinking: str, **more: Any) -> list[dict[str, Any]]:
    """Return a question and an answer that was thought over."""
    question = {"id": "q", "role": "user", "content": "Why does it rain?"}
    return [question, {"id": "a", "role": "assistant", "content": "Rain falls.", "thinking": thinking, **more}]


def labels(screen: Screen) -> list[str]:
    """Return the headings of what was thought."""
    return [box.label for box in screen.app.expander if box.label.startswith(("Thought", "Thinking"))]


def open_thinking(screen: Screen, message_id: str = "a") -> None:
    screen.app.session_state[OPEN_KEY] = {message_id}
    screen.app.run()


@pytest.mark.parametrize("slug", [row.slug for row in STAGES if row.has_memory])
def test_thoughts_are_folded_and_not_even_sent_on_every_page(open_page: OpenPage, tmp_path: Path, slug: str):
    saved(tmp_path, *said(LONG, thinking_s=12.3))
    screen = open_page(slug, conversation="q")
    assert labels(screen) == ["Thought for 12 s"]
    assert "condenses" not in screen.everything()
    assert screen.messages[-1][1] == "Rain falls."


def test_an_opened_block_shows_all_of_it_as_safe_as_an_answer(open_page: OpenPage, tmp_path: Path):
    saved(tmp_path, *said(f"First.\n\n{PICTURE}\n\n{LONG}The end.", thinking_s=65.0))
    screen = open_page("chatbot_with_memory", conversation="q")
    open_thinking(screen)
    assert labels(screen) == ["Thought for 1 min 5 s"]
    shown = screen.messages[-1][1]
    assert shown.startswith("First.") and shown.endswith("The end.\n\nRain falls.")
    assert "![x]" not in shown and "\\<img" in shown


@pytest.mark.parametrize(
    ("seconds", "title"),
    [(None, "Thoughts"), (0.2, "Thought for less than a second"), (120.2, "Thought for 2 min 0 s")],
)
def test_the_heading_tells_how_long_it_took(open_page: OpenPage, tmp_path: Path, seconds: float | None, title: str):
    saved(tmp_path, *said("Hm.", thinking_s=seconds))
    screen = open_page("chatbot_with_memory", conversation="q")
    assert [box.label for box in screen.answer.expander] == [title]


def test_each_version_has_its_own(open_page: OpenPage, tmp_path: Path):
    question, first = said("First thought.", thinking_s=3.0, parent="q", created_at="2026-01-01T00:00:00+00:00")
    second = {**first, "id": "b", "content": "Gravity.", "created_at": "2026-01-02T00:00:00+00:00"}
    saved(tmp_path, question, first, {**second, "thinking": "Second thought.", "thinking_s": 5.0})
    screen = open_page("chatbot_with_memory", conversation="q")
    assert labels(screen) == ["Thought for 5 s"]
    open_thinking(screen, "b")
    assert "Second thought." in screen.messages[-1][1]
    screen.click("Previous version")
    assert labels(screen) == ["Thought for 3 s"] and "thought" not in screen.messages[-1][1]


@pytest.mark.parametrize("status", ["stopped", "interrupted", "failed"])
def test_what_was_thought_is_kept_when_no_answer_came(open_page: OpenPage, tmp_path: Path, status: str):
    saved(tmp_path, *said("Half a thou", content="", status=status, error="Gone."))
    screen = open_page("chatbot_with_memory", conversation="q")
    open_thinking(screen)
    assert "Half a thou" in screen.messages[-1][1]


class Box:
    """Stands for a place on the page, and counts what is drawn there."""

    def __init__(self) -> None:
        self.drawn = list[str]()
        self.inner: list[Box] = []

    def empty(self) -> "Box":
        self.inner.append(Box())
        return self.inner[-1]

    def container(self) -> "Box":
        self.inner = [Box()]
        return self.inner[0]

    @property
    def shown(self) -> list[str]:
        """Return what stands there now: what was drawn last in each place."""
        return [*self.drawn[-1:], *(text for box in self.inner for text in box.shown)]

    def markdown(self, text: str) -> None:
        self.drawn.append(text)

    def caption(self, text: str) -> None:
        self.drawn.append(text)


def test_a_long_thought_is_drawn_at_a_modest_pace(monkeypatch: pytest.MonkeyPatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(streaming, "time", SimpleNamespace(monotonic=lambda: clock.now))
    answer = Message("assistant", "", thinking=".")
    box = Box()
    block = GrowingThinking(
        cast(DeltaGenerator, box), cast(RunningTurn, SimpleNamespace(answer=answer, activity=THINKING))
    )
    block._label, block._text = THINKING, GrowingText(cast(DeltaGenerator, box))
    for piece in range(4_000):  # 40 a second: 100 s of thinking, opened by the person
        clock.now = piece / 40
        answer.thinking = (answer.thinking or "") + "Cold air.\n\n"
        block.draw()
    drawn = [text for slot in box.inner for text in slot.drawn]
    assert len(drawn) <= 450
    assert sum(map(len, drawn)) < 30 * len(answer.thinking or "")


def test_text_that_has_not_changed_is_not_drawn_again():
    box = Box()
    text = GrowingText(cast(DeltaGenerator, box))
    for _ in range(5):
        text.draw("", "…")
    for _ in range(5):
        text.draw("Rain.")
    assert box.inner[0].drawn == ["…", "Rain."]


def test_text_that_turns_out_to_be_thoughts_is_taken_back():
    answer, box = Message("assistant", "A long thought.\n\n" * 300), Box()
    turn = SimpleNamespace(answer=answer, activity="", gate=SimpleNamespace(call_id=""))
    draw_nothing: Any = lambda *_: None  # noqa: E731
    growing_answer = GrowingAnswer(
        cast(DeltaGenerator, box), cast(RunningTurn, turn), StepDrawers(draw_nothing, draw_nothing)
    )
    growing_answer.draw()
    assert "A long thought." in "".join(box.shown)
    answer.content = "Rain."
    growing_answer.draw()
    assert box.shown == ["Rain."]


def choose_effort(screen: Screen, effort: str) -> None:
    screen.click("Chat settings")
    next(box for box in screen.app.selectbox if box.label == "Thinking effort").select(effort)
    screen.click("Apply")


def test_the_effort_is_a_setting_of_the_conversation_and_reaches_the_provider(
    screen: Screen, server: ScriptedServer, open_page: OpenPage
):
    choose_effort(screen, "high")
    screen.ask("Why?")
    assert server.requests[-1].body["reasoning_effort"] == "high"
    again = open_page("chatbot_with_memory", conversation=screen.address)
    choose_effort(again, "")
    again.ask("And?")
    assert "reasoning_effort" not in server.requests[-1].body


def test_there_is_no_effort_where_a_model_can_not_think(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("LLM_MODEL", "gpt-4o-mini")
    screen = open_page("chatbot_with_memory")
    screen.click("Chat settings")
    assert "Thinking effort" not in [box.label for box in screen.app.selectbox]


@pytest.mark.parametrize("slug", [row.slug for row in STAGES])
def test_every_stage_with_a_model_keeps_what_it_thought_out_of_the_answer(
    open_page: OpenPage, server: ScriptedServer, slug: str
):
    server.default_reply = Reply('{"rain": true}', thinking="The person wants rain.")
    screen = open_page(slug)
    if not screen.app.chat_input or not screen.app.chat_input[0].proto.placeholder:
        pytest.skip("nobody is asked here")
    screen.ask("Say something about rain")
    assert labels(screen)[-1:] == ["Thought for less than a second"]
    assert "The person wants rain." not in screen.everything()


def test_what_was_thought_is_nowhere_else(
    screen: Screen, server: ScriptedServer, store: JsonStore, open_page: OpenPage
):
    server.script(Reply("Rain falls.", thinking="A secret thought."), Reply("Snow, too."))
    screen.ask("Why?")
    screen.ask("And snow?")
    assert "secret" not in json.dumps(server.requests[-1].body)
    screen.act(1, "Show request")
    screen.act(3, "Show request")
    assert "secret" not in screen.everything()
    screen.act(1, "Copy")
    assert "secret" not in screen.everything()
    searching = open_page("chatbot_with_memory")
    searching.app.text_input[0].set_value("secret").run()
    assert any("Nothing found" in caption for caption in searching.captions)
    assert all("secret" not in name for name in store.names())
