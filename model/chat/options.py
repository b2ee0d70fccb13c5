"""Options: what was chosen for one conversation as a whole.

They stand on the conversation's first message, under the key `conversation`, so that the file keeps its shape.
"""

from dataclasses import dataclass, field
from typing import Any

# How much a reasoning model thinks before it answers; "" leaves that to the provider.
REASONING_EFFORTS = ("", "off", "low", "medium", "high")


@dataclass(frozen=True)
class Options:
    """One conversation's options; what is left at its default is not written down.

    `id`: the conversation's id, where it is no longer that of the first message.
    `is_auto_titled`: the name was made from the first words, or by a model, and may still change by itself.
    `asks_first`: no tool runs before the person has allowed it. `sends_unasked`: the person has said that tools may
    always send words to the web here, though files are in the conversation. `writes_unasked`: they have said that tools
    may always change their calendar here. `calls_unasked`: the marks of the tools of connections that they have allowed
    here (`controller/stages/connections/permission.py`).
    `reasoning_effort`: how much a reasoning model thinks before it answers, one of `REASONING_EFFORTS`.
    `sees_pictures`: whether a model can see, by its name, where a person has said so.
    `tools`: the slugs of the stages whose abilities an assistant puts together (`controller/stages/combined.py`).
    `answer_schema`: the JSON Schema that answers in JSON mode fit; empty for any JSON.
    `closing`: how far the day is closed whose conversation this is in the Log (`controller/stages/log/closing.py`).
    `background`: what requests beside the turns took, such as those for titles; one dict each, with `kind`,
    `created_at`, `provider`, `model_name`, `prompt_token_count` and `completion_token_count`.
    """

    id: str = ""
    is_auto_titled: bool = False
    is_pinned: bool = False
    instructions: str = ""
    provider: str = ""
    model_name: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str = ""
    tells_time: bool = False
    is_summarised: bool = True
    asks_first: bool = False
    sends_unasked: bool = False
    writes_unasked: bool = False
    calls_unasked: list[str] = field(default_factory=list)
    sees_pictures: dict[str, bool] = field(default_factory=dict)
    tools: list[str] = field(default_factory=list)
    answer_schema: dict[str, Any] = field(default_factory=dict)
    closing: dict[str, Any] = field(default_factory=dict)
    background: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def allows(self, permission: str) -> bool:
        """Return whether a person has said “always” here: to all that an option is about, or to one `option:mark`."""
        option, _, mark = permission.partition(":")
        kept = getattr(self, option)
        return mark in kept if mark else bool(kept)

    def allowing(self, permission: str) -> dict[str, Any]:
        """Return what is to be chosen so that it is allowed."""
        option, _, mark = permission.partition(":")
        return {option: list(dict.fromkeys([*getattr(self, option), mark])) if mark else True}
