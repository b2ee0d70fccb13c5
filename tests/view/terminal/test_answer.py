"""How answers grow in a terminal and in a pipe."""

import io

import pytest
from rich.console import Console

from model.chat.message import Message
from model.chat.message_parts import ToolStep
from view.terminal.answer import PlainAnswer, RichAnswer


@pytest.fixture
def answer() -> Message:
    return Message("assistant", "")


def console(is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=60, color_system=None, highlight=False)


def printed(on: Console) -> str:
    file = on.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_pipe_gets_the_text_as_it_comes_and_once(answer):
    pipe = console(is_terminal=False)
    growing = PlainAnswer(answer, pipe)
    for piece in ("# Rain", " falls\n", "\x1b[2J", "down."):
        answer.content += piece
        growing.draw("thinking…")
    growing.end()
    assert printed(pipe) == "# Rain falls\n[2Jdown.\n"


def test_an_answer_written_anew_begins_again_in_a_pipe(answer):
    pipe = console(is_terminal=False)
    growing = PlainAnswer(answer, pipe)
    answer.content = "first"
    growing.draw("")
    answer.content = "second"
    growing.end()
    assert printed(pipe) == "first\n\nsecond\n"


def test_every_block_is_printed_for_good_once(answer):
    screen = console(is_terminal=True)
    growing = RichAnswer(answer, screen)
    text = "Rain **falls**.\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nEnd."
    for end in range(1, len(text) + 1):
        answer.content = text[:end]
        growing.draw("")
    growing.end()
    final = printed(screen)
    lasting = final[final.rindex("print(1)") - 200 :]
    assert "**" not in lasting
    assert final.rstrip().endswith("End.")
    assert "Rain falls." in final


def test_tool_steps_stand_between_the_text_before_and_after_them(answer):
    screen = console(is_terminal=True)
    growing = RichAnswer(answer, screen)
    answer.content = "I look."
    answer.tool_steps = [ToolStep("1", "search", "Search", '{"query": "rain"}', at=7)]
    growing.draw("Searching…")
    answer.tool_steps[0].result, answer.tool_steps[0].duration_s = "It rains.", 0.25
    growing.draw("")
    answer.content += "It rains today."
    growing.end()
    final = printed(screen)
    assert final.index("I look.") < final.index("• Search · ") < final.rindex("It rains today.")
    assert "Searching…" in final


def test_a_link_shows_where_it_leads(answer):
    screen = console(is_terminal=True)
    answer.content = "[bank](https://evil.example/x)"
    growing = RichAnswer(answer, screen)
    growing.end()
    assert "https://evil.example/x" in printed(screen)


def test_thoughts_stand_before_the_answer_each_line_once(answer):
    screen = console(is_terminal=True)
    growing = RichAnswer(answer, screen)
    answer.thinking = ""
    for piece in ("First ", "line.\n", "Second \x1b[2Jline.\n", "Last"):
        answer.thinking += piece
        growing.draw("Thinking…")
    answer.content, answer.thinking_s = "Rain.", 12.4
    growing.draw("")
    growing.end()
    final = printed(screen)
    lasting = final[final.rindex("First line.") :]
    assert lasting.index("Second [2Jline.") < lasting.rindex("Last") < lasting.index("Thought for 12 s")
    assert lasting.index("Thought for 12 s") < lasting.rindex("Rain.")
    assert "First line." not in lasting[1:]


def test_thoughts_after_a_tool_stand_behind_its_step(answer):
    screen = console(is_terminal=True)
    growing = RichAnswer(answer, screen)
    answer.thinking = "I must look."
    growing.draw("Thinking…")
    answer.tool_steps = [ToolStep("1", "search", "Search", "{}", result="It rains.", duration_s=0.2)]
    growing.draw("")
    answer.thinking += "\n\nIt rains, then."
    growing.draw("Thinking…")
    answer.content = "Take an umbrella."
    growing.end()
    final = printed(screen)
    assert final.rindex("I must look.") < final.index("• Search") < final.rindex("It rains, then.")
    assert final.rindex("It rains, then.") < final.rindex("Take an umbrella.")


@pytest.mark.parametrize("kind", [RichAnswer, PlainAnswer])
def test_thoughts_can_be_left_out_and_never_go_into_a_pipe(answer, kind):
    on = console(is_terminal=kind is RichAnswer)
    growing = RichAnswer(answer, on, shows_thinking=False) if kind is RichAnswer else PlainAnswer(answer, on)
    answer.thinking = "Secret.\n"
    growing.draw("Thinking…")
    answer.content = "Rain."
    growing.end()
    assert "Secret" not in printed(on) and "Thought" not in printed(on) and "Rain." in printed(on)
