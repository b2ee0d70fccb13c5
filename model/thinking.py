"""What a model thought before it answered, in words."""

from model.message import Message


def thinking_title(message: Message) -> str:
    """Return the heading of a message's thinking: "Thought for 12 s"."""
    seconds = message.thinking_s
    if seconds is None:
        return "Thoughts"  # the program was killed, or another one did not tell
    if seconds < 1:
        return "Thought for less than a second"
    minutes, rest = divmod(round(seconds), 60)
    return f"Thought for {f'{minutes} min ' if minutes else ''}{rest} s"
