"""A trace for a turn: it is told what must never stand in it."""

import json
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from settings import Settings
from utils.threads.trace import Trace


def new_trace(settings: Settings) -> Trace:
    """Return a trace for a turn that is about to begin."""
    return Trace(secrets_of(settings))


def secrets_of(settings: Settings) -> set[str]:
    """Return all keys and passwords among the settings: whole values, and those within addresses."""
    groups = [group for group in vars(settings).values() if isinstance(group, Mapping)]
    values = {name: value for group in groups for name, value in group.items()}
    secrets = {value for name, value in values.items() if re.search("(KEY|PASSWORD|TOKEN|SECRET)$", name)}
    for address in (*values.values(), settings.database_url, settings.attachments_url):
        parts = urlsplit(address)
        if "@" in parts.netloc:
            inside = parts.netloc.rpartition("@")[0]
            secrets |= {inside, *inside.split(":", 1)}
        secrets |= set(re.findall(r"=([^&]+)", parts.query))
    return {form for one in secrets for form in (one, unquote(one), json.dumps(one)[1:-1])} - {""}
