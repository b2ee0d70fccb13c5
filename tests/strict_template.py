"""What the strictest chat templates ask of a request: Qwen's, Gemma's, Mistral's and Llama's rules together."""

from typing import Any


def refusal(rows: list[dict[str, Any]]) -> str:
    """Return why such a template would raise; "" where it takes the request."""
    spoken = rows[1:] if rows and rows[0]["role"] == "system" else rows
    if any(row["role"] not in ("user", "assistant", "tool") for row in spoken):
        return "System message must be at the beginning."
    if any(not row.get("content") and not row.get("tool_calls") for row in rows):
        return "A message must not be empty."
    # What a call and its result say belongs to the answer behind them.
    turns = [row["role"] for row in spoken if row["role"] != "tool" and not row.get("tool_calls")]
    if turns != [("user", "assistant")[number % 2] for number in range(len(turns))] or turns[-1:] == ["assistant"]:
        return "Conversation roles must alternate user/assistant/user/assistant/..."
    open_ids: list[str] = []
    for row in spoken:
        if row["role"] == "tool" and row["tool_call_id"] not in open_ids:
            return "A result needs its call."
        if row["role"] != "tool" and open_ids:
            return "A call needs its result."
        if row["role"] == "tool":
            open_ids.remove(row["tool_call_id"])
        open_ids += [call["id"] for call in row.get("tool_calls") or ()]
    return ""
