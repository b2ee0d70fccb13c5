"""The calendar of a person in Berlin, whose model is scripted; it is Monday, 30 November 2026, 10:00, when they ask."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.log.calendar.calendars import calendar_of
from controller.stages.log.calendar.controller import CalendarController
from controller.turn import Permission, ToolApproval
from model.log.calendar.calendar import Calendar
from utils.threads.stop import CancellationToken
from view.app import build_resources

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=BERLIN)


@dataclass
class Person(ToolApproval):
    """Someone who says the same to every question, and remembers why they were asked."""

    says: bool = True
    always: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def ask(self, call_id: str, stop: CancellationToken, reason: str = "") -> Permission:
        del call_id, stop
        self.asked.append(reason)
        if self.always:
            self.let_always()
        return Permission(self.says)


@pytest.fixture
def resources(providers: Providers) -> Resources:
    return build_resources(providers, zone=lambda: BERLIN)


@pytest.fixture
def controller(resources: Resources) -> CalendarController:
    return CalendarController(resources)


@pytest.fixture
def calendar(resources: Resources) -> Calendar:
    return calendar_of(resources)


@pytest.fixture(autouse=True)
def asked_at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.chat.conversation.now", lambda: NOW.isoformat())
