"""What clients send and get, with the examples that the OpenAPI page shows.

Files come in base64 with their names, or as the pictures of OpenAI's clients; the body's limit says how much may be
sent. What else OpenAI's clients send is in `view/http/openai.py`.
"""

import mimetypes
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from controller.attachments.intake import keep
from controller.services import Services
from controller.stages import STAGES, Stage
from model.chat.message_parts import Attachment
from model.errors import InputError

MOST_FILES = 20
_DATA_URL = re.compile(r"data:(image/[a-z.+-]+);base64,", re.I)


class SentFile(BaseModel):
    """A file that goes with a question."""

    name: str = Field(max_length=255, examples=["rain.txt"])
    data: str = Field(description="Its bytes in base64.", examples=["V2FybSBhaXIgcmlzZXMu"])


def keep_files(
    services: Services, stage: Stage, files: Iterable[SentFile], is_temporary: bool = False
) -> list[Attachment]:
    """Keep files, and return what refers to them. Raises: InputError, StoreUnwritable."""
    ready = [(_name(file), _bytes(file)) for file in files]  # all are looked at before any is kept
    if ready and not stage.has_memory:  # it sends the words of the question, and nothing else
        raise InputError(f"{stage.title} takes no files.", "Name another stage, such as documents or images.")
    store = services.resources.attachments
    return [one for name, data in ready for one in keep(store, name, data, is_temporary)]


def sent_pictures(parts: Iterable[dict[str, Any]]) -> list[SentFile]:
    """Return the pictures among the parts of a message as OpenAI's clients send them.

    Raises: InputError for one that would have to be fetched: what a client names is not asked for.
    """
    return [_picture(part) for part in parts if part.get("type") == "image_url"]


def _picture(part: dict[str, Any]) -> SentFile:
    named = part.get("image_url")
    url = str(named.get("url") if isinstance(named, dict) else named)
    if not (head := _DATA_URL.match(url)):
        raise InputError("A picture has to come with the request.", "Send it as data:image/png;base64,…")
    return SentFile(name=f"picture{mimetypes.guess_extension(head[1].lower()) or '.png'}", data=url[head.end() :])


def _name(file: SentFile) -> str:
    """Return a file's name, where it is one and no path."""
    if not file.name.strip(" .") or not file.name.isprintable() or set(file.name) & set("/\\"):
        raise InputError("This is not a valid file name.", "Take one such as rain.txt, without a folder.")
    return file.name


def _bytes(file: SentFile) -> bytes:
    try:
        return b64decode(file.data, validate=True)
    except ValueError as error:
        raise InputError(f"The data of “{file.name}” is not base64.", "Encode the file's bytes.") from error


DEFAULT_STAGE = "chatbot_with_memory"
LONGEST_MESSAGE = 10_000  # in characters
_SLUGS = [row.slug for row in STAGES]
_ID = "b7d1c0de5f3a4c0f8a6f5f3f2d1e9c77"


def whole_text(text: str) -> str:
    """Return a text without halves of surrogate pairs, which JSON can carry and UTF-8 can't."""
    return text.encode("utf-8", "replace").decode()


Text = Annotated[str, BeforeValidator(whole_text)]
THOUGHT = Field(None, description="What the model thought before it answered; only where it did.")
THOUGHT_S = Field(None, description="How long that took, in seconds.")
CUT = Field(None, description="Why the provider cut the answer short: `length` or `content_filter`.")


class ChatRequest(BaseModel):
    """A question, and who shall answer it; only `message` is needed."""

    message: str = Field(min_length=1, max_length=LONGEST_MESSAGE, examples=["How does rain form?"])
    conversation_id: str | None = Field(
        None,
        max_length=200,
        description="Which conversation goes on. One that does not exist yet begins under this id.",
        examples=[None, _ID],
    )
    stream: bool = Field(False, description="Answer as /chat/stream does.")
    trace: bool = Field(False, description="Send each step of the answer, too, with the code that did it, as `trace`.")
    stage: str = Field(DEFAULT_STAGE, description="The stage that answers.", examples=_SLUGS)
    provider: str = Field("", description="Empty: the default.", examples=["", "groq"])
    model: str = Field("", max_length=200, description="Empty: the provider's default.", examples=[""])
    attachments: list[SentFile] = Field([], max_length=MOST_FILES, description="Files that go with the question.")
    instructions: str | None = Field(
        None, max_length=100_000, description="What the model shall always heed in this conversation."
    )
    sends_unasked: bool | None = Field(
        None, description="Whether tools may send words to the web in this conversation though files are in it."
    )
    writes_unasked: bool | None = Field(
        None, description="Whether tools may change the person's calendar in this conversation."
    )
    reasoning_effort: Literal["", "off", "low", "medium", "high"] | None = Field(
        None, description="How much the model thinks before it answers in this conversation; empty: as it likes."
    )


class ChatAnswer(BaseModel):
    """A whole answer."""

    response: Text = Field(examples=["Warm air rises, cools, and its water falls as rain."])
    conversation_id: str = Field(examples=[_ID])
    thinking: Text | None = THOUGHT
    thinking_s: float | None = THOUGHT_S
    finish_reason: str | None = CUT


class Said(BaseModel):
    """One message."""

    role: str = Field(examples=["user"])
    content: Text = Field(examples=["How does rain form?"])
    thinking: Text | None = THOUGHT
    thinking_s: float | None = THOUGHT_S
    finish_reason: str | None = CUT


class History(BaseModel):
    """A conversation as it is shown."""

    conversation_id: str = Field(examples=[_ID])
    messages: list[Said]


class Saved(BaseModel):
    """A conversation in the list."""

    conversation_id: str = Field(examples=[_ID])
    name: Text = Field(examples=["How does rain form?"])
    updated_at: str = Field(examples=["2026-11-21T12:00:00.000000+00:00"])
    is_pinned: bool


class Found(BaseModel):
    """A conversation that was found, with the words around the hit; `message_id` is empty when it was its name."""

    conversation_id: str = Field(examples=[_ID])
    name: Text = Field(examples=["How does rain form?"])
    message_id: str = Field(examples=[""])
    snippet: Text = Field(examples=["How does rain form?"])


class Rename(BaseModel):
    """A new name."""

    name: str = Field(min_length=1, max_length=500, examples=["Rain"])


class Deleted(BaseModel):
    """A conversation that is gone."""

    status: str = "deleted"
    conversation_id: str = Field(examples=[_ID])


class Health(BaseModel):
    """That the service runs."""

    status: str = "healthy"
    service: str = "bnaGPT"


class StageRow(BaseModel):
    """A stage that may answer."""

    slug: str
    title: str
    adds: str


class ProviderRow(BaseModel):
    """A provider that may answer, and its models as far as they are known."""

    name: str
    title: str
    default_model: str
    models: list[str]


class Choices(BaseModel):
    """Who may answer."""

    stages: list[StageRow]
    providers: list[ProviderRow]


class Problem(BaseModel):
    """An error: what happened, and what mends it."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["This conversation is not saved."])
    hint: str = Field("", examples=["It may have been deleted in another tab."])
    kind: str = Field("", examples=["ConversationNotFound"])
