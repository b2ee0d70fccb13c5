"""Events as plain data, as another process is told of them, and back."""

from dataclasses import fields
from typing import Any, get_args

from model.chat.events import Event
from model.chat.message import Message
from model.chat.message_parts import Attachment, Citation
from model.chat.serialization import from_row, to_row

_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}


def event_row(event: Event) -> dict[str, Any]:
    """Return an event under the name of its kind."""
    values = to_row(event) if isinstance(event, Attachment | Citation) else _values(event)
    return {type(event).__name__: values}


def _values(event: Event) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {name: one.to_dict() if isinstance(one, Message) else one for name, one in values.items()}


def event_of(row: dict[str, Any]) -> Event:
    """Return the event that a row tells. Raises: ValueError, TypeError or KeyError when it tells none."""
    [(name, values)] = row.items()
    kind = _KINDS[name]
    made: Any
    if kind in (Attachment, Citation):
        made = from_row(kind, values)
    else:
        types = {field.name: field.type for field in fields(kind)}
        made = kind(**{key: Message.from_dict(one) if types[key] is Message else one for key, one in values.items()})
    event: Event = made
    return event
