"""What OpenAI's clients send and get (https://platform.openai.com/docs/api-reference/chat)."""

import time
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from controller.stages import STAGES
from model.conversation import Conversation
from model.errors import InputError
from model.message import Message
from view.http_files import SentFile, pictures_of
from view.http_shapes import DEFAULT_STAGE, whole_text

PREFIX = "bnagpt"
MODEL_NAMES = {f"{PREFIX}-{row.slug.replace('_', '-')}": row.slug for row in STAGES}
# What a stage does not do by itself: such a request goes to the provider as it is.
_OWN = ("tools", "response_format")
# OpenAI's names for how much a model thinks, and ours.
_EFFORTS = {"none": "off", "minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high"}
_ROLES = Literal["system", "developer", "user", "assistant", "tool"]


class Spoken(BaseModel):
    """One message; what else it holds goes along where the provider gets it."""

    model_config = ConfigDict(extra="allow")
    role: _ROLES
    content: str | list[dict[str, Any]] | None = None

    @property
    def pictures(self) -> list[SentFile]:
        """Return the pictures that go with it; raises InputError for one that did not come along."""
        return pictures_of(self.content) if isinstance(self.content, list) else []

    @property
    def text(self) -> str:
        """Return what it says.

        Raises: InputError when that is more than text and pictures.
        """
        parts = [{"type": "text", "text": self.content}] if isinstance(self.content, str) else self.content or []
        texts = [part.get("text") for part in parts if part.get("type") != "image_url"]
        if any(part.get("type") not in ("text", "image_url") for part in parts) or not all(
            isinstance(text, str) for text in texts
        ):
            raise InputError("Only text and pictures can be sent here.", "Leave out sounds and files.")
        return whole_text("".join(map(str, texts)))


class CompletionRequest(BaseModel):
    """A question with all that was said before it; what bnaGPT does not know is left out."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "model": "bnagpt-chatbot-with-memory",
                    "messages": [{"role": "user", "content": "How does rain form?"}],
                }
            ]
        },
    )
    model: str = Field(f"{PREFIX}-{DEFAULT_STAGE.replace('_', '-')}", max_length=200)
    messages: list[Spoken] = Field(min_length=1)
    stream: bool | None = False
    stream_options: dict[str, Any] | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=10**9)
    max_completion_tokens: int | None = Field(None, ge=1, le=10**9)
    n: int | None = Field(None, ge=1, le=1)
    reasoning_effort: str | None = Field(None, max_length=20)
    tools: list[dict[str, Any]] | None = None
    response_format: dict[str, Any] | None = None
    provider: str = ""
    provider_model: str = Field("", max_length=200)

    @property
    def is_relayed(self) -> bool:
        """Tell whether it goes to the provider as it is: with the client's own tools, or their results."""
        return any(getattr(self, key) for key in _OWN) or any(m.role == "tool" for m in self.messages)

    @property
    def wants_usage(self) -> bool:
        """Tell whether a stream has to end with what it took."""
        return bool((self.stream_options or {}).get("include_usage"))

    def conversation(self) -> tuple[Conversation, str]:
        """Return what was said before, as a conversation that is never saved, and the question.

        Raises: InputError.
        """
        *before, last = self.messages
        if last.role != "user":
            raise InputError("The last message has to be the user's.")
        roles = {"developer": "system"}
        said = [Message(roles.get(one.role, one.role), one.text) for one in before]
        conversation = Conversation(said, is_temporary=True)
        # The client holds the conversation, so a summary would be made anew for each question.
        conversation.choose(
            is_summarised=False,
            temperature=self.temperature,
            max_tokens=self.most_tokens,
            reasoning_effort=_EFFORTS.get(self.reasoning_effort or "", ""),
        )
        return conversation, last.text

    @property
    def most_tokens(self) -> int | None:
        """Return how long the answer may be."""
        return self.max_completion_tokens or self.max_tokens


def completion(answer: Message, model: str, suffix: str, *choices: dict[str, Any]) -> dict[str, Any]:
    """Return a completion, or with the suffix ".chunk" a piece of one."""
    head = {"id": f"chatcmpl-{answer.id}", "object": f"chat.completion{suffix}", "created": int(time.time())}
    return head | {"model": model, "choices": list(choices)}


def ending(answer: Message) -> dict[str, Any]:
    """Return what comes with the end of an answer: the sources it rests on, if there are any."""
    return {"citations": [asdict(citation) for citation in answer.citations]} if answer.citations else {}


def has_begun(answer: Message) -> bool:
    """Tell whether some of an answer, or of what is thought before it, has come."""
    return bool(answer.content or answer.thinking)


def thought(answer: Message) -> dict[str, str]:
    """Return what was thought before an answer, if anything was, under the name that most servers give it."""
    return {"reasoning_content": answer.thinking} if answer.thinking else {}


def usage_of(answer: Message) -> dict[str, Any]:
    """Return what an answer took as the provider counts, else as we do."""
    prompt = answer.prompt_token_count or answer.window_token_count or 0
    written = answer.completion_token_count or answer.token_count or 0
    usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}
    if answer.thinking_token_count is None:
        return usage
    return usage | {"completion_tokens_details": {"reasoning_tokens": answer.thinking_token_count}}
