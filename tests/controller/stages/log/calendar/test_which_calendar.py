"""Which calendar is used: a file, or the server that CALDAV_URL names, and never one account for several people."""

from dataclasses import replace

import pytest

from controller.llm.discovery import build_providers
from controller.stages.log.calendar.calendars import calendar_of, calendar_service, person_zone
from model.log.calendar.caldav import CalDavCalendar
from model.log.calendar.ics import IcsCalendar
from settings import Settings, SignIn
from view.app import build_resources

CALDAV = {"CALDAV_URL": "https://ann:pw@dav.example.org/ann/", "CALDAV_USERNAME": "ann", "CALDAV_PASSWORD": "secret"}


def test_a_file_without_caldav_url_and_the_server_with_it(environ: dict[str, str]):
    here = build_resources(build_providers(Settings.from_env(environ)))
    assert isinstance(calendar_of(here), IcsCalendar) and "file on this machine" in calendar_service(here)
    there = build_resources(build_providers(Settings.from_env(environ | CALDAV)))
    assert isinstance(calendar_of(there), CalDavCalendar)
    assert calendar_service(there) == "CalDAV at dav.example.org"
    assert "secret" not in repr(there.settings) and "pw" not in calendar_service(there)


def test_where_people_sign_in_the_one_account_is_not_used_and_that_is_told(environ: dict[str, str]):
    settings = replace(Settings.from_env(environ | CALDAV), sign_in=SignIn("oidc"))
    resources = build_resources(build_providers(settings))
    assert isinstance(calendar_of(resources), IcsCalendar)
    assert "not used where people sign in" in calendar_service(resources)
    problems = Settings.from_env(environ | CALDAV | {"SIGN_IN": "cloudflare"}).problems
    assert any("CALDAV_URL is one person's calendar" in problem for problem in problems)


@pytest.mark.parametrize("url", ["https://", "dav example org"])
def test_an_address_that_is_none_is_told_and_nothing_else_is_asked(environ: dict[str, str], url: str):
    settings = Settings.from_env(environ | {"CALDAV_URL": url})
    assert "CALDAV_URL is no web address." in settings.problems
    resources = build_resources(build_providers(settings))
    assert isinstance(calendar_of(resources), CalDavCalendar)
    assert calendar_service(resources) == "CalDAV at no address"


def test_without_a_chosen_zone_it_is_this_machines_by_its_name(environ: dict[str, str]):
    resources = build_resources(build_providers(Settings.from_env(environ)))
    assert getattr(person_zone(resources), "key", "")
