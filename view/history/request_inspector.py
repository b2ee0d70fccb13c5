"""What the model saw: the messages behind an answer, and what the answer took.

`draw_what_it_saw` draws into whatever is open, such as a dialog; call it only when someone looks, because it makes the
request's messages once more. `draw_totals` is the line for a whole conversation.
"""

import json
from functools import partial
from typing import Any

import streamlit as st

from controller.chat.replay import Seen, replay_request
from controller.stages import controller_of
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.providers.prices import PRICES_AS_OF
from model.providers.usage import IMAGE, row_cost_usd, row_of, total, usage_rows
from utils.text.markdown import plain
from utils.text.words import counted
from view.history.number_format import DASH, about, dollars, provider_title, seconds, total_cost, total_taken
from view.shell.downloads import draw_download
from view.shell.services import Services, services

# Of very long requests only the beginning and the end are drawn; the download has all.
FIRST, LAST = 5, 40
# Below this the whole answer came at once, and a speed would say nothing.
SHORTEST_STREAM_S = 0.05

_VERDICTS = {
    True: ":material/verified: Exactly what was sent.",
    False: ":material/history: Messages have been changed or deleted since. This is how the request would look now.",
    None: ":material/help: It was not noted what was sent. This is how the request would look now.",
}


def draw_what_it_saw(answer: Message, conversation: Conversation, services: Services) -> None:
    """Draw what an answer took, and the messages that its model saw."""
    store, zone = services.resources.attachments, services.resources.helpers.zone()
    seen = replay_request(services.providers, store, controller_of(answer.stage), conversation, answer, zone)
    figures = _figures(answer, seen, services.providers.moved)
    rows = [[f"**{label}**", plain(value)] for label, value in figures.items()]
    st.table(rows, border="horizontal", hide_index=True, hide_header=True)
    st.caption(f"Costs are list prices of {PRICES_AS_OF}. “About” marks what we counted, not the provider.")
    st.markdown(_VERDICTS[seen.is_exact])
    _draw_messages(seen)
    made = partial(json.dumps, seen.rows, ensure_ascii=False, indent=2)
    draw_download("Download the messages", f"bna.seen.{answer.id}", made, "messages.json")


def draw_totals(conversation: Conversation) -> None:
    """Draw the tokens, the images and the cost of a conversation: all its branches, and the requests beside them."""
    if rows := usage_rows(conversation.all_messages):
        totals = total(rows.values(), services().providers.moved)
        st.caption(plain(f"This conversation: {total_taken(totals)}"))


def _figures(answer: Message, seen: Seen, moved: frozenset[str]) -> dict[str, str]:
    """Return what there is to tell of an answer, by its label."""
    row = row_of(answer)
    is_estimated = answer.completion_token_count is None
    sent = answer.window_token_count if is_estimated else answer.prompt_token_count
    answered = count_tokens(answer) if is_estimated else answer.completion_token_count
    cost = row_cost_usd(row, moved) if row else None
    return {
        "Model": ", ".join(filter(None, (answer.model_name, provider_title(answer.provider)))) or DASH,
        "Sent": f"{_tokens(sent, is_estimated)} in {counted(len(seen.rows), 'message')}",
        "Answered": _tokens(answered, is_estimated) + _thinking(answer),
        "First token": seconds(answer.first_token_s),
        "Speed": _speed(answer),
        "Cost": about(dollars(cost), is_estimated and bool(cost)),
        "Context window": _window(answer),
    } | _images(answer)


def _images(answer: Message) -> dict[str, str]:
    """Return how many images were made for an answer, and what they cost; nothing where none were."""
    made = total(row for row in usage_rows([answer]).values() if row.kind == IMAGE)
    return {"Images": f"{made.image_count}, cost {total_cost(made)}"} if made.image_count else {}


def _tokens(count: int | None, is_estimated: bool) -> str:
    return DASH if count is None else about(counted(count, "token"), is_estimated)


def _thinking(answer: Message) -> str:
    """Return how many of the answer's tokens were thoughts, where the provider tells."""
    return f", {answer.thinking_token_count:,} of them for thinking" if answer.thinking_token_count else ""


def _speed(answer: Message) -> str:
    """Return how fast the text came once it did; a provider's count would add tokens that nobody saw."""
    streamed_s = (answer.duration_s or 0) - (answer.first_token_s or 0)
    return DASH if streamed_s < SHORTEST_STREAM_S else f"about {count_tokens(answer) / streamed_s:,.0f} tokens/s"


def _window(answer: Message) -> str:
    if not answer.window_token_count or not answer.context_window:
        return DASH
    return f"about {answer.window_token_count:,} of {answer.context_window:,} tokens"


def _draw_messages(seen: Seen) -> None:
    pairs = list(zip(seen.messages, seen.rows, strict=True))
    hidden_count = max(0, len(pairs) - FIRST - LAST)
    for index, (message, row) in enumerate(pairs):
        if index == FIRST and hidden_count:
            st.caption(f"… {hidden_count:,} messages in between: the download has them.")
        if index < FIRST or index >= FIRST + hidden_count:
            st.caption(plain(f"{message.role} · about {counted(count_tokens(message), 'token')}"))
            st.code(_text(row), language=None, wrap_lines=True)


def _text(row: dict[str, Any]) -> str:
    """Return a message's text; what is more than text as it goes over the wire."""
    is_text = set(row) == {"role", "content"} and isinstance(row["content"], str)
    return row["content"] if is_text else json.dumps(row, ensure_ascii=False, indent=2)
