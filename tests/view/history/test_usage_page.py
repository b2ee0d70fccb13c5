"""The Usage page: what all conversations took."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.pictures.picture import Picture
from model.providers.usage import usage_rows
from settings import ROOT
from tests.conftest import SECRET
from tests.view.conftest import TIMEOUT_S, Screen
from view.history.usage_page import by_day, last_days
from view.shell.dates import short_day

TITLE = {"kind": "title", "provider": "openai", "model_name": "gpt-5-nano", "prompt_token_count": 7}


def talk(days_ago: int = 0, **fields: Any) -> Conversation:
    """Return a conversation with one answer and a title, made some days ago."""
    moment = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    counts: dict[str, Any] = {"prompt_token_count": 1000, "completion_token_count": 200}
    known = {"created_at": moment, "provider": "anthropic", "model_name": "claude-haiku-4-5", **counts}
    conversation = Conversation([Message("user", "Hi"), Message("assistant", "Hello", **(known | fields))])
    conversation.choose(background=[TITLE | {"created_at": moment, "completion_token_count": 3}])
    return conversation


def open_usage() -> AppTest:
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page("pages/90_Usage.py").run()
    assert not app.exception
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def choose(app: AppTest, period: str) -> dict[str, str]:
    app.segmented_control[0].set_value(period).run()
    return metrics(app)


def test_without_conversations_it_says_so():
    app = open_usage()
    assert [text.value for text in app.main.markdown] == [
        "No usage yet. Ask something, and its tokens and cost appear here."
    ]
    assert not app.metric


def test_answers_and_titles_of_all_conversations_are_counted(store):
    store.save("Saved", talk())
    store.save("other", talk(days_ago=1))
    assert metrics(open_usage())["Requests"] == "4"
    assert metrics(open_usage())["Tokens"] == "2,420"


def test_costs_are_shown_where_prices_are_known(store):
    store.save("Saved", talk())
    assert metrics(open_usage())["Cost"] == r"more than \$0.0020"  # the title's provider is asked at another address


def test_an_unknown_price_is_a_dash(store):
    store.save("Saved", talk(model_name="claude-x"))
    assert metrics(open_usage())["Cost"] == "not known"


def test_a_period_can_be_chosen(store):
    for days_ago in (0, 6, 7, 29, 30):
        store.save(f"{days_ago} days ago", talk(days_ago))
    app = open_usage()
    assert metrics(app)["Requests"] == "8"
    assert choose(app, "7 days")["Requests"] == "4"
    assert choose(app, "All")["Requests"] == "10"


def test_a_period_without_requests_shows_noughts_and_can_be_left(store):
    store.save("Old", talk(days_ago=100))
    app = open_usage()
    assert metrics(app)["Requests"] == "0"
    assert choose(app, "All")["Requests"] == "2"


def test_a_table_has_a_line_for_each_model_and_kind(store):
    store.save("Saved", talk())
    table = open_usage().dataframe[0].value
    lines = table[["Model", "Kind", "Requests", "Sent", "Answered", "Cost"]].to_numpy().tolist()
    assert lines == [
        ["claude-haiku-4-5", "answer", 1, 1000, 200, "$0.0020"],
        ["gpt-5-nano", "title", 1, 7, 3, "not known"],
    ]


def test_images_have_a_line_of_their_own_and_no_tokens(store):
    images = [Picture("a" * 64, "image-1.png", "image/png", 5, 1, 1, model_name="dall-e-3", cost_usd=0.04).to_row()] * 2
    step = ToolStep("1", "make_image", result="Made.", details={"pictures": images})
    store.save("Saved", talk(tool_steps=[step]))
    app = open_usage()
    lines = app.dataframe[0].value[["Model", "Kind", "Requests", "Sent", "Images", "Cost"]].to_numpy().tolist()
    assert lines[1] == ["dall-e-3", "image", 1, 0, 2, "$0.0800"]
    assert (metrics(app)["Images"], metrics(app)["Cost"]) == ("2", r"more than \$0.0820")
    assert metrics(app)["Tokens"] == "1,210"


def test_thinking_has_a_column_where_there_was_any(store):
    store.save("Saved", talk())
    assert "Thinking" not in open_usage().dataframe[0].value
    store.save("Thought over", talk(thinking_token_count=150))
    store.save("Once more", talk(thinking_token_count=20, created_at="2026-01-01T10:00:00+00:00"))
    app = open_usage()
    choose(app, "All")
    lines = app.dataframe[0].value[["Kind", "Answered", "Thinking"]].to_numpy().tolist()
    assert lines[0] == ["answer", 600, 170] and metrics(app)["Tokens"] == "3,630"


def test_there_are_charts_by_day_and_by_model(store):
    store.save("Saved", talk())
    app = open_usage()
    assert [heading.value for heading in app.main.header] == ["Tokens by day", "Tokens by model"]
    assert len(app.get("vega_lite_chart")) == 2


def test_all_of_the_past_is_drawn_by_month(store):
    store.save("Old", talk(days_ago=400))
    store.save("Without a moment", talk(created_at=None))
    app = open_usage()
    choose(app, "All")
    assert not app.exception
    assert app.main.header[0].value == "Tokens by month"


def test_every_day_of_a_period_is_drawn_in_its_order(store):
    store.save("Saved", talk(days_ago=2))
    days = last_days(7)
    lines = by_day(list(usage_rows(store.load("Saved").all_messages).values()), days)
    drawn = [line["Day"] for line in lines if line["Model"] == "claude-haiku-4-5"]
    assert drawn == [short_day(date.fromisoformat(day)) for day in days]
    assert [line["Tokens"] for line in lines if line["Tokens"]] == [1200, 10]


def test_it_says_what_is_not_counted(store):
    store.save("Saved", talk())
    assert any("deleted conversations are not" in caption.value for caption in open_usage().caption)


@pytest.mark.parametrize("slug", ["", "simple_chatbot", "chatbot_with_memory"])
def test_the_sidebar_leads_there(slug: str, open_page):
    screen: Screen = open_page(slug)
    assert "Usage" in [link.proto.page for link in screen.app.sidebar.get("page_link")]


def test_it_shows_no_key(store):
    store.save("Saved", talk())
    assert SECRET not in "\n".join(str(getattr(node, "proto", "")) for node in open_usage()._tree)
