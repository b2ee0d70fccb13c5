"""What the browser is told to do: each thing once, also where it passes over a drawing."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from view.shell import browser


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """Return the commands that each drawing has sent."""
    sent: list[list[dict[str, Any]]] = []
    monkeypatch.setattr(browser, "_component", lambda: lambda **it: sent.append(it["data"][0]))
    return sent


def draw() -> None:
    import streamlit as st  # it runs as a page of its own

    from view.shell.browser import BrowserCommands, send_commands

    for name, value in st.query_params.items():
        setattr(BrowserCommands.of_session(), name, value)
    send_commands()


def drawn(*commands: dict[str, str]) -> None:
    """Draw a page once for each of these commands."""
    app = AppTest.from_function(draw)
    for command in commands:
        app.query_params = command
        app.run()
        assert not app.exception


def test_a_command_that_a_busy_browser_passed_over_comes_with_the_next(told: list[list[dict[str, Any]]]):
    drawn({"copy": "a text"}, {"say": "The answer is complete."})
    assert [(it["copy"], it["say"]) for it in told[-1]] == [("a text", ""), ("", "The answer is complete.")]


def test_a_command_keeps_its_id_so_that_it_is_done_once(told: list[list[dict[str, Any]]]):
    drawn({"say": "one"}, {}, {"say": "two"})
    assert told[0] == told[1] == told[2][:1]
    assert len({it["id"] for it in told[2]}) == 2


def test_only_the_last_few_are_sent_again(told: list[list[dict[str, Any]]]):
    drawn(*({"say": str(number)} for number in range(9)))
    assert [it["say"] for it in told[-1]] == ["4", "5", "6", "7", "8"]
