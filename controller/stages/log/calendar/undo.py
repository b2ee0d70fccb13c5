"""Undo of a change in the calendar: what there was before stands, as plain data, with the step that made the change."""

from dataclasses import asdict
from typing import Any

from controller.resources import Resources
from controller.stages.log.calendar.calendars import calendar_of
from model.log.calendar.calendar import Change

UNDO = "calendar_undo"  # in a step's details
MOST_CHARS = 100_000  # of an event, with all that other programs have put into it


def kept_change(change: Change, label: str) -> dict[str, Any]:
    """Return a change as a step's details; one that would swell the conversation can't be undone here."""
    if len(change.before) > MOST_CHARS:
        return {"note": "The event is too large to be kept with the answer, so there is no Undo."}
    return {UNDO: {**asdict(change), "label": label}}


def undo_of(details: dict[str, Any]) -> tuple[Change, str] | None:
    """Return the change that a step's details tell, and what it was in words; None where they tell none."""
    told = details.get(UNDO)
    names = ("event_id", "before", "version", "label")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in names):
        return None
    return Change(told["event_id"], told["before"], told["version"]), told["label"]


def undo(resources: Resources, change: Change) -> str:
    """Let an event be as it was before a change, and say so.

    Raises: EventChanged where somebody has changed it since; CalendarError, StoreError.
    """
    calendar_of(resources).undo(change)
    return "Undone: the calendar is as it was before."
