"""The gate: where a tool waits until the person has said yes.

It belongs to a turn, not to a page: the question waits through a reload, and whoever opens the conversation answers.
"""

from dataclasses import dataclass
from threading import Condition

from utils.stop import Stop


@dataclass(frozen=True)
class Permission:
    """What the person said; `arguments` is JSON that runs in place of the model's, where they changed it.

    `why_not` tells why it is not given, where that is not because they said so.
    """

    is_given: bool
    arguments: str | None = None
    why_not: str = ""


class Gate:
    """One turn's questions to the person, one at a time."""

    def __init__(self) -> None:
        self.call_id = ""  # the call that waits for an answer; "" for none
        self.reason = ""  # why just this call is asked about, whatever the settings say
        self.lets_send = False  # in the rest of this turn, what has such a reason goes unasked
        self._permission: Permission | None = None
        self._changed = Condition()

    def ask(self, call_id: str, stop: Stop, reason: str = "") -> Permission:
        """Wait for the person's answer; a Stop is a no."""
        stop.when_set(lambda: self.answer(call_id, False))
        with self._changed:
            self.reason = reason
            self.call_id, self._permission = call_id, Permission(False) if stop.is_set else None
            self._changed.wait_for(lambda: self._permission is not None)
            self.call_id = ""
            return self._permission or Permission(False)

    def answer(self, call_id: str, is_given: bool, arguments: str | None = None) -> None:
        """Say yes or no to a call; what no longer waits is left alone."""
        with self._changed:
            if call_id == self.call_id:
                self._permission = Permission(is_given, arguments)
                self._changed.notify_all()
