"""Fixtures: a scripted Google, and who asks it; nobody really waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model.log.google.account import AccountFile
from model.log.google.client import GoogleClient
from model.log.google.oauth import OAuth
from tests.google_server import CALENDAR, DRIVE, GoogleServer


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def waited() -> list[float]:
    """Return the seconds that the client would have waited."""
    return []


@pytest.fixture
def client(google: GoogleServer, tmp_path: Path, waited: list[float]) -> GoogleClient:
    """Return a client whose person has allowed everything."""
    oauth, accounts = OAuth.of(google.environ), AccountFile(tmp_path / "account")
    google.refresh_tokens["refresh-1"] = f"{DRIVE} {CALENDAR}"
    accounts.change(lambda kept: kept.with_token("refresh-1", oauth.client_secret))
    return GoogleClient(oauth, accounts, lambda wait_s, _stop: waited.append(wait_s))
