"""Everything that can go wrong for a person, as one tree.

    BnaError(message, hint)
    ├── ProviderError                the model's server said no, or said nothing
    │   ├── MissingKey               no key, or a key that the provider refuses
    │   ├── ModelNotFound            the provider does not know this model
    │   ├── ProviderUnreachable      no connection, no answer in time, or a server fault
    │   ├── RateLimited              asked too often; knows how long to wait
    │   ├── ContextWindowExceeded    the newest message alone is too long
    │   └── ReplyInterrupted         the answer began and broke off
    ├── TurnUnderWay                 an answer is still being written in this conversation
    ├── StoreError                   conversations could not be read or written
    │   ├── ConversationNotFound
    │   ├── ConversationExists       the name is taken
    │   ├── AllDeleted               a person has deleted everything of theirs meanwhile
    │   ├── StoreUnreadable          the file, or one conversation in it, can't be opened
    │   │   └── FileGone             an attached file is nowhere any more
    │   └── StoreUnwritable          the disk is full, or the file is read-only
    ├── CalendarError                the calendar could not be read or changed
    │   ├── EventNotFound            it is not in the calendar
    │   └── EventChanged             somebody has changed the event meanwhile
    ├── DownloadFailed               a model could not be fetched; knows whether to try again
    ├── ToolError                    a tool of the agent failed
    │   └── ToolFailed
    ├── NotSignedIn                  people sign in here, and nobody who may come in asks
    ├── SignInUnreachable            who signs people in can't be asked
    └── InputError                   what the person gave can't be used
        ├── UnsupportedFile
        └── FileTooLarge

The message is one sentence that says what happened. The hint says which button or variable mends it.
These are caught once in each view; every other exception is a bug, and stays loud.
"""


class BnaError(Exception):
    """Something a person can understand and mend."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ProviderError(BnaError):
    """The provider did not give a whole answer."""


class MissingKey(ProviderError):
    """There is no key, or the provider refuses it."""


class ModelNotFound(ProviderError):
    """The provider does not know this model."""


class ProviderUnreachable(ProviderError):
    """There was no connection, no answer in time, or a fault inside the provider's server."""


class RateLimited(ProviderError):
    """The provider asks to wait; `retry_after_s` is None when it did not say how long."""

    def __init__(self, message: str, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s


class ContextWindowExceeded(ProviderError):
    """What must be sent is longer than the model can read."""


class ReplyInterrupted(ProviderError):
    """The answer began and broke off; what had come is kept."""


class TurnUnderWay(BnaError):
    """An answer is still being written in this conversation."""


class StoreError(BnaError):
    """Conversations could not be read or written."""


class ConversationNotFound(StoreError):
    """No conversation has this name or id."""


class ConversationExists(StoreError):
    """The name is taken by another conversation."""


class AllDeleted(StoreError):
    """A person has deleted everything of theirs; whatever was open before is no longer theirs, and is not kept."""

    def __init__(self, message: str = "Everything here was deleted.", hint: str = "Begin anew.") -> None:
        super().__init__(message, hint)


class StoreUnreadable(StoreError):
    """The file, or one conversation in it, can't be opened; it is left as it is."""


class FileGone(StoreUnreadable):
    """An attached file is nowhere any more; where its storage only can't be reached, it may be there again later."""

    def __init__(self) -> None:
        super().__init__("An attached file is no longer there.", "Attach it again.")


class StoreUnwritable(StoreError):
    """The file could not be written; what was on disk before is still there."""


class CalendarError(BnaError):
    """The calendar could not be read or changed."""


class EventNotFound(CalendarError):
    """There is no such event in the calendar, or it does not happen then."""


class EventChanged(CalendarError):
    """Somebody has changed an event meanwhile; theirs is left as it is."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed this event in the calendar meanwhile, so it was left as it is.",
            "List the events again to see how it is now.",
        )


class GoogleError(BnaError):
    """Google could not be asked, or refused."""


class GoogleUnreachable(GoogleError):
    """There was no answer."""

    wait_s: float | None = None

    def __init__(self) -> None:
        super().__init__("Google can't be reached.", "Check the network; what waits is tried again later.")


class GoogleBusy(GoogleError):
    """Google asks to wait; `wait_s` is None when it did not say how long."""

    def __init__(self, wait_s: float | None = None) -> None:
        super().__init__("Google is busy and asks to wait.", "What waits is tried again later; nothing is lost.")
        self.wait_s = wait_s


class GoogleSignInNeeded(GoogleError):
    """Google no longer takes what it gave: the person has to allow it anew. What waits for it is kept."""

    def __init__(self) -> None:
        super().__init__(
            "Google asks you to sign in again.", "Connect on the page Google. What waits for it goes on then."
        )


class DownloadFailed(BnaError):
    """A model could not be fetched; where that passes by itself, `wait_s` is how long to wait, 0 for nobody knows."""

    def __init__(self, message: str, hint: str = "", wait_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


class ToolError(BnaError):
    """A tool of the agent failed."""


class ToolFailed(ToolError):
    """A tool ended with an error."""


class NotSignedIn(BnaError):
    """Nobody who may come in asks; it is told in the same words whatever the reason, which helps nobody who guesses."""

    def __init__(self) -> None:
        super().__init__("Sign in to use bnaGPT.", "If you have signed in, your address may not be let in here.")


class SignInUnreachable(BnaError):
    """Who signs people in can't be asked, so nobody new can be let in."""

    def __init__(self) -> None:
        super().__init__("The sign-in service can't be reached.", "Try again in a minute.")


class InputError(BnaError):
    """What the person gave can't be used."""


class UnsupportedFile(InputError):
    """This kind of file can't be read."""


class FileTooLarge(InputError):
    """The file is larger than the limit."""
