"""A calendar in a file of the test's own, in Berlin."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from model.log.calendar.ics import IcsCalendar

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def calendar(tmp_path: Path) -> IcsCalendar:
    return IcsCalendar(tmp_path / "calendar.ics", lambda: BERLIN)
