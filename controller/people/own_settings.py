"""What whoever runs bnaGPT changes while it runs: keys, addresses, who answers, and what is asked first.

It goes into `.env`, and counts from the next turn on (`Providers.settings`). A key is never handed out again. Where
people sign in nobody changes it here: it holds for all of them.
"""

import time
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from controller.chat.completion import complete_once
from controller.llm.providers import Providers
from model.chat.message import Message
from model.errors import InputError, StoreUnwritable
from model.providers.provider import PROVIDERS, Provider
from settings import Settings, checked_value, problem_with
from utils.files.env_writing import write_env

LONGEST = 4000  # characters of a value; servers take no longer header
TIMEOUT_S = 30.0
MOST_TOKENS = 512  # what a model may think before it says a word counts, too
CUSTOM = next(row for row in PROVIDERS if row.needs_address)
CHANGEABLE = frozenset(
    (
        *("LLM_PROVIDER", "LLM_MODEL", "AUTO_TITLES", "ASK_BEFORE_TOOLS", CUSTOM.base_url_variable),
        *(row.key_variable for row in PROVIDERS if row.has_key),
    )
)


def may_change(settings: Settings) -> bool:
    """Return whether the person at the page is the one who runs bnaGPT."""
    return not settings.sign_in.kind


def change(settings: Settings, values: Mapping[str, str]) -> None:
    """Let variables have these values from now on; an empty one unsets it.

    Raises: InputError when that can't be, told without the value; StoreUnwritable.
    """
    if not may_change(settings):
        raise InputError("Where people sign in, only whoever runs bnaGPT changes this.", "It stands in .env.")
    checked = {name: _checked(settings, name, value) for name, value in values.items()}
    if settings.env_file is None:
        raise StoreUnwritable("These settings were not read from a file.", "Set the variable in the environment.")
    try:
        write_env(settings.env_file, checked)
    except ValueError as error:
        raise InputError(
            "This holds characters that .env can't keep.", "Is it copied whole, and nothing else?"
        ) from error
    except OSError as error:  # TimeoutError is one
        raise StoreUnwritable(
            f"{settings.env_file} can't be written: {error.strerror or 'another program holds it'}.",
            "Nothing was changed. Mend that and try again, or set the variable in the environment.",
        ) from error


def _checked(settings: Settings, name: str, value: str) -> str:
    """Return a value as it is kept. Raises: InputError."""
    if name not in CHANGEABLE:
        raise InputError(f"{name} can't be changed while bnaGPT runs.", "Set it in .env, and start again.")
    if name in settings.fixed:
        raise InputError(
            f"{name} is set in the environment, which wins over .env.", "Change it there, and start bnaGPT again."
        )
    kept = checked_value(name, value)
    if len(kept) > LONGEST:
        raise InputError(f"This is longer than any key: {len(kept):,} characters.", "Copy the key alone.")
    if problem := problem_with(name, kept):
        raise InputError(problem, "Copy it once more, and nothing else.")
    if any(unicodedata.category(char) == "Cc" for char in kept):
        raise InputError(f"{name} has to be one line.", "Copy it once more.")
    return kept


def ask_for_a_word(providers: Providers, provider: Provider) -> str:
    """Ask a provider's model for one word, and return a sentence on what came back.

    Raises: ProviderError, which tells what went wrong.
    """
    endpoint = replace(providers.endpoint(provider), timeout_s=TIMEOUT_S)
    began_s = time.monotonic()
    complete_once(providers, endpoint, [Message("user", "Say OK.")], MOST_TOKENS)
    return f"{provider.title} works: {endpoint.model_name} answered in {time.monotonic() - began_s:.1f} seconds."
