"""Which calendar a person has, and in which time zone they live."""

from datetime import tzinfo
from importlib import import_module
from urllib.parse import urlsplit

from controller.resources import Resources, built_per_person
from controller.stages.log.google import google_of
from model.log.calendar.caldav import open_caldav
from model.log.calendar.calendar import Calendar
from model.log.calendar.google import GoogleCalendar
from model.log.calendar.ics import IcsCalendar
from model.people.profile import zone_named
from settings import Settings
from utils.net.typed_address import is_web_address


def person_zone(resources: Resources) -> tzinfo:
    """Return the person's time zone by its name, for calendars need one: else this machine's, else UTC."""
    return resources.helpers.zone() or _zone_of_machine()


def _zone_of_machine() -> tzinfo:
    tzlocal = import_module("tzlocal")
    try:
        name = str(tzlocal.get_localzone())
    except (OSError, ValueError, KeyError):  # the machine's own setting is damaged
        name = ""
    zone = zone_named(name) or zone_named("UTC")
    assert zone
    return zone


def calendar_of(resources: Resources) -> Calendar:
    """Return a person's calendar: that of the Google account that is connected, or else the one of the settings.

    Raises: StoreUnreadable.
    """
    return google_calendar(resources) if google_of(resources).has_calendar else set_calendar(resources)


@built_per_person
def google_calendar(resources: Resources) -> Calendar:
    return GoogleCalendar(google_of(resources).client, lambda: person_zone(resources))


@built_per_person
def set_calendar(resources: Resources) -> Calendar:
    """Return a file of the person's own, or the calendar that CALDAV_URL names."""
    settings = resources.settings

    def zone() -> tzinfo:
        return person_zone(resources)

    if uses_caldav(settings):
        return open_caldav(settings.caldav_values, zone)
    return IcsCalendar(resources.calendar_file, zone)


def uses_caldav(settings: Settings) -> bool:
    """Return whether the calendar is at a server; its one account can't be that of all who sign in."""
    return bool(settings.caldav_values.get("CALDAV_URL")) and not settings.sign_in.kind


def calendar_service(resources: Resources) -> str:
    """Return where the calendar is, in a few words."""
    if google_of(resources).has_calendar:
        return "Google Calendar"
    settings = resources.settings
    url = settings.caldav_values.get("CALDAV_URL", "")
    if uses_caldav(settings):
        return f"CalDAV at {urlsplit(url).hostname if is_web_address(url) else 'no address'}"
    told = "your own calendar, a file on this machine"
    return f"{told}; CALDAV_URL is one person's, and not used where people sign in" if url else told
