"""How an answer was cut short, and how long its model thought, in words."""

from model.chat.message import COMPLETE, CONTENT_FILTER, LENGTH, LOOP, Message

_NOTES = {
    LENGTH: "Cut off: it had reached the longest answer that was allowed.",
    CONTENT_FILTER: "Cut off: the provider's content filter ended it.",
    LOOP: "Cut off: the model began to repeat itself.",
}


def cut_note(answer: Message) -> str:
    """Return a sentence for an answer that its provider cut short; "" for all others."""
    return _NOTES.get(answer.finish_reason or "", "") if answer.status == COMPLETE else ""


def can_go_on(answer: Message) -> bool:
    """Whether a model could go on with an answer: it was broken off, or cut at its longest."""
    return answer.status != COMPLETE or answer.finish_reason == LENGTH


def thinking_title(message: Message) -> str:
    """Return the heading of a message's thinking: "Thought for 12 s"."""
    seconds = message.thinking_s
    if seconds is None:
        return "Thoughts"  # the program was killed, or another one did not tell
    if seconds < 1:
        return "Thought for less than a second"
    minutes, rest = divmod(round(seconds), 60)
    return f"Thought for {f'{minutes} min ' if minutes else ''}{rest} s"
