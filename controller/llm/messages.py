"""Messages as LlamaIndex has them, and as they go over the wire.

LlamaIndex is imported when the first message is sent or looked at, because that takes a second.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from model.chat.message import Message
from utils.model_output.thoughts import SENT_BACK

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage


def request_rows(messages: Sequence["ChatMessage"], model_name: str) -> list[dict[str, Any]]:
    """Return messages as they go over the wire."""
    from llama_index.llms.openai.utils import to_openai_message_dicts

    rows = cast(list[dict[str, Any]], to_openai_message_dicts(messages, model=model_name))
    return [_as_json(row) for row in rows]


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    """Return a message whose tool calls are plain data: the agent puts the SDK's own objects there."""
    if not row.get("tool_calls"):
        return row
    row = {key: value for key, value in row.items() if key != SENT_BACK}
    calls = [call.model_dump(exclude_none=True) if isinstance(call, BaseModel) else call for call in row["tool_calls"]]
    return row | {"tool_calls": [_as_sent(call) for call in calls]}


def _as_sent(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call as it goes over the wire: some servers refuse one whose arguments are no JSON."""
    function = call.get("function", {})
    arguments = valid_arguments(function.get("arguments", ""))
    named = {"name": function.get("name", ""), "arguments": arguments}
    return {"id": call.get("id", ""), "type": "function", "function": named}


def to_chat_message(message: Message) -> "ChatMessage":
    """Return LlamaIndex's form of a message; what ties tool calls to their results goes along."""
    from llama_index.core.base.llms.types import ChatMessage

    ties = {key: message.extra[key] for key in ("tool_calls", "name", "tool_call_id") if key in message.extra}
    return ChatMessage(role=message.role, content=message.content, additional_kwargs=ties)


def valid_arguments(arguments: str) -> str:
    """Return a call's arguments as a JSON object, whatever the model wrote."""
    try:
        is_object = isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        is_object = False
    return arguments if is_object else json.dumps({"invalid": arguments}, ensure_ascii=False)
