"""Stop at whatever a page is drawing: the turn ends, and something is left that draws the page anew."""

from itertools import count
from typing import cast

import pytest
from streamlit.runtime.scriptrunner import StopException

from controller.chat.turns import RunningTurn
from view.chat import streaming
from view.chat.streaming import stopping


class Turn:
    """What `stopping` knows of a turn."""

    is_stopped = False

    def stop(self) -> None:
        self.is_stopped = True


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the turns whose end the page watches for."""
    turns: list[object] = []
    monkeypatch.setattr(streaming, "_watch_end", turns.append)
    return turns


def stopped_at_once(turn: Turn) -> None:
    with pytest.raises(StopException), stopping(cast(RunningTurn, turn)):
        raise StopException


def test_stop_before_anything_is_drawn_ends_the_turn_and_its_end_is_watched_for(
    watched: list[object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streaming, "_client", lambda: "the browser")
    turn = Turn()
    stopped_at_once(turn)
    assert turn.is_stopped and watched == [turn]


def test_a_browser_that_has_gone_stops_nothing(watched: list[object], monkeypatch: pytest.MonkeyPatch):
    clients = count()
    monkeypatch.setattr(streaming, "_client", lambda: next(clients))
    turn = Turn()
    stopped_at_once(turn)
    assert not turn.is_stopped


def test_a_page_without_a_turn_watches_for_nothing(watched: list[object]):
    with stopping(None):
        pass
    assert watched == []
