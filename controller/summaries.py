"""Summaries: what no longer fits the window is told to the model in short.

A summary is made once, when the window's cut moves, from the summary before it and the messages that drop out since.
It is a message of its own: `summary_of` names the oldest message it stands for, its parent is the newest. All of the
conversation stays on the screen and on disk. A failure never blocks the turn: the model then knows nothing of what
dropped out. Read next: `controller/window.py`.
"""

from collections.abc import Sequence

from controller.aside import ask_aside
from controller.providers import Providers
from controller.request import with_primer
from controller.tool_history import without_calls
from controller.turn import Turn
from controller.window import instructions_of, left_out, newest_that_fit
from model.message import Message, now

WISH = (
    "Sum up our conversation so far in at most {words} words: facts, names, numbers, decisions, wishes and open "
    "questions, so that it can go on without it. Write the summary only."
)
HEADING = "Summary of what was said before:\n\n"
SHARE = 8  # a summary takes at most this part of the window
MOST_TOKENS = 800


def summarised(providers: Providers, turn: Turn, begins_at: str) -> Message | None:
    """Return a summary of what stands before a message and no summary tells yet; None where there is nothing new.

    Raises: BnaError.
    """
    last, dropped = left_out(turn.history, begins_at)
    if not dropped:
        return None
    limit = min(MOST_TOKENS, turn.endpoint.context_window // SHARE)
    told = newest_that_fit(dropped, turn.endpoint.prompt_limit - 2 * limit)
    aside = ask_aside(providers, turn.endpoint, _prompt(turn, last, told, limit), limit, turn.stop)
    if not aside.text.strip():
        return None
    summary = Message("system", HEADING + aside.text.strip(), parent=dropped[-1].id, created_at=now())
    summary.summary_of = last.summary_of if last else told[0].id
    summary.provider, summary.model_name = turn.endpoint.provider.name, turn.endpoint.model_name
    summary.prompt_token_count = aside.prompt_token_count
    summary.completion_token_count = aside.completion_token_count
    return summary


def _prompt(turn: Turn, last: Message | None, told: Sequence[Message], limit: int) -> list[Message]:
    """Return what is asked: the beginning of the request before, as it was, and then the wish.

    So the provider's prompt cache knows nearly all of it.
    """
    begin = [*instructions_of(turn.history), *([last] if last else []), *without_calls(told)]
    return [*with_primer(turn.endpoint.provider, begin), Message("user", WISH.format(words=limit // 2))]
