"""Fixtures for the Log: a running app whose clock tests can turn."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controller.services import Services
from controller.stages import new_conversation, stage
from controller.stages.log import diary as diary_module
from controller.stages.log.diary import Diary, diary_of
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from tests.waiting import PATIENCE_S
from view.app import RunningApp


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(diary_module, "utc_now", lambda: turned.now)
    return turned


class Day:
    """A person with a diary, and what they say in it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.diary: Diary = diary_of(services.resources)

    def say(self, prompt: str, **more: Any) -> Conversation:
        """Ask something in today's conversation, and wait until it is answered."""
        row = stage("log")
        conversation = new_conversation(row, self.services)
        turn = self.services.turns.ask(
            row.build_controller(self.services.resources), conversation, prompt, ModelSelection(), **more
        )
        assert turn.wait(PATIENCE_S)
        assert turn.error is None
        return self.services.conversations.load_conversation(conversation.id)


@pytest.fixture
def day(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Day]:
    """Return a person in an app of their own, in Berlin, with the scripted server as the model."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    services = RunningApp().services_of()
    services.account.profiles.keep(services.account.profiles.read().__class__(time_zone="Europe/Berlin"))
    yield Day(services)
    services.turns.settle(PATIENCE_S)
