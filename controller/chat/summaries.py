"""Summaries: what no longer fits the window is told to the model in short.

A summary is made once, when the window's cut moves, from the summary before it and the messages that drop out since.
It is a message of its own: `summary_of` names the oldest message it stands for, its parent is the newest. All of the
conversation stays on the screen and on disk. A failure never blocks the turn: the model then knows nothing of what
dropped out.
"""

from collections.abc import Sequence

from controller.chat.chat_template import templated
from controller.chat.completion import complete_once
from controller.chat.window import instructions_of, left_out
from controller.llm.providers import Providers
from controller.tokens import count_tokens, cut_message
from controller.tools.messages import without_calls
from controller.turn import Turn
from model.chat.message import Message, now
from model.chat.serialization import MESSAGE_OVERHEAD_TOKENS

TASK = (
    "Sum up our conversation so far in at most {words} words: facts, names, numbers, decisions, wishes and open "
    "questions, so that it can go on without it. Write the summary only."
)
HEADING = "Summary of what was said before:\n\n"
SHARE = 8  # a summary takes at most this part of the window
MOST_TOKENS = 800
MESSAGE_SHARE = 3  # of what is summed up, a single message takes at most this part: the rest of it is cut off


def summarised(providers: Providers, turn: Turn, begins_at: str) -> Message | None:
    """Return a summary of what stands before a message and no summary tells yet; None where there is nothing new.

    Raises: BnaError.
    """
    last, dropped = left_out(turn.history, begins_at)
    if not dropped:
        return None
    limit = min(MOST_TOKENS, turn.endpoint.context_window // SHARE)
    told = _shortened(without_calls(dropped), turn.endpoint.prompt_limit - 2 * limit)
    if not told:
        return None
    aside = complete_once(providers, turn.endpoint, _prompt(turn, last, told, limit), limit, turn.stop)
    if not aside.text.strip():
        return None
    summary = Message("system", HEADING + aside.text.strip(), parent=dropped[-1].id, created_at=now())
    summary.summary_of = last.summary_of if last else told[0].id
    summary.provider, summary.model_name = turn.endpoint.provider.name, turn.endpoint.model_name
    summary.prompt_token_count = aside.prompt_token_count
    summary.completion_token_count = aside.completion_token_count
    return summary


def _shortened(dropped: Sequence[Message], room_tokens: int) -> list[Message]:
    """Return the newest of what dropped out that fits, long messages cut, and a question first where there is one."""
    most = room_tokens // MESSAGE_SHARE - MESSAGE_OVERHEAD_TOKENS
    kept: list[Message] = []
    for message in reversed(dropped) if most > 0 else ():
        kept.append(cut_message(message, most))
        room_tokens -= count_tokens(kept[-1])
        if room_tokens < 0:
            kept.pop()
            break
    questions = [index for index, message in enumerate(kept) if message.role == "user"]
    return kept[: questions[-1] + 1 if questions else len(kept)][::-1]


def _prompt(turn: Turn, last: Message | None, told: Sequence[Message], limit: int) -> list[Message]:
    """Return what is asked: the beginning of the request before, as it was, and then the task.

    So the provider's prompt cache knows nearly all of it.
    """
    begin = [*instructions_of(turn.history), *([last] if last else []), *told]
    return [*templated(turn.endpoint.provider, begin), Message("user", TASK.format(words=limit // 2))]
