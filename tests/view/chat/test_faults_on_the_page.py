"""What goes wrong at the provider: one error, Retry and Edit, no traceback, and no key anywhere."""

import pytest

from model.chat.message import COMPLETE, FAILED
from tests.conftest import SECRET
from tests.conversations import contents
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire

FAULTS = {
    "refused key": Reply(status=401, error_message=f"Incorrect API key provided: {SECRET}"),
    "forbidden": Reply(status=403),
    "unknown model": Reply(status=404),
    "bad request that repeats the key": Reply(status=400, error_message=f"Bad header: Bearer {SECRET}"),
    "too long": Reply(status=400, error_message="This model's maximum context length is 10 tokens."),
    "too often": Reply(status=429, retry_after_s=7),
    "server fault": Reply(status=500),
    "overloaded": Reply(status=503),
    "cut before the first word": Reply("never", cut_after=0),
    "cut in the middle": Reply("one two three", cut_after=2),
    "silent": Reply("one two", stall_after=0),
    "stalled": Reply("one two", stall_after=1),
    "malformed": Reply("one two", malformed_after=1),
    "ended without a reason": Reply("one two", finish_reason=None),
    "empty": Reply(""),
}
slugs = pytest.mark.parametrize("slug", ["simple_chatbot", "chatbot_with_memory"])


@pytest.fixture(autouse=True)
def short_patience(fresh_app, monkeypatch: pytest.MonkeyPatch):
    """Let a provider be silent for half a second only."""
    monkeypatch.setenv("LLM_TIMEOUT_S", "0.5")


@slugs
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_one_error_and_retry_answers_in_its_place(open_page, server: ScriptedServer, slug, fault: Reply):
    screen = open_page(slug)
    server.script(fault)
    screen.ask("Hi")
    assert len(screen.errors) == 1
    assert "Traceback" not in screen.everything() and SECRET not in screen.everything()
    assert screen.messages[0] == ("user", "Hi")
    assert {"Retry", "Edit"} <= set(screen.buttons)
    server.script(Reply("Here I am"))
    screen.click("Retry")
    assert screen.messages == [("user", "Hi"), ("assistant", "Here I am")]
    assert screen.errors == [] and "Retry" not in screen.buttons
    assert wire(server) == [("user", "Hi")]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "refused key",
            "OpenAI does not accept the key. Check it at the page Settings, or OPENAI\\_API\\_KEY in .env.",
        ),
        ("too often", "OpenAI was asked too often, or the quota is used up. Wait 7 seconds, then try again."),
        ("stalled", "OpenAI was silent for 0.5 seconds. Try again, or pick another model."),
    ],
)
def test_the_error_says_what_happened_and_what_to_do(screen: Screen, server: ScriptedServer, fault, sentence):
    server.script(FAULTS[fault])
    screen.ask("Hi")
    assert screen.errors == [sentence]


def test_what_had_come_before_a_cut_is_kept_and_shown(screen: Screen, server: ScriptedServer, store):
    server.script(FAULTS["cut in the middle"])
    screen.ask("Hi")
    assert screen.messages[1] == ("assistant", "one two")
    answer = store.load(store.names()[0]).messages[1]
    assert (answer.content, answer.status) == ("one two", FAILED)
    assert SECRET not in store.path.read_text()


def test_edit_changes_the_question_and_asks_it_again(screen: Screen, server: ScriptedServer, store):
    server.script(Reply(status=500), Reply("Fine"))
    screen.ask("Hj")
    screen.click("Edit")
    assert screen.app.text_area[0].value == "Hj"
    screen.app.text_area[0].set_value("Hi")
    screen.click("Send")
    assert screen.messages == [("user", "Hi"), ("assistant", "Fine")]
    assert wire(server) == [("user", "Hi")]
    assert [(m.content, m.status) for m in store.load(store.names()[0]).messages] == [
        ("Hi", COMPLETE),
        ("Fine", COMPLETE),
    ]


def test_edit_closes_the_editor_again(screen: Screen, server: ScriptedServer):
    server.script(Reply(status=500))
    screen.ask("Hi")
    screen.click("Edit")
    screen.click("Edit")
    assert "Send" not in screen.buttons


def test_a_fault_later_on_keeps_what_was_said_and_never_sends_what_failed(
    screen: Screen, server: ScriptedServer, store
):
    server.script(Reply("a"), Reply(status=500), Reply("c"))
    screen.ask("One")
    screen.save_as("Talk")
    screen.ask("Two")
    screen.ask("Three")
    assert wire(server) == [("user", "One"), ("assistant", "a"), ("user", "Three")]
    assert contents(store.load("Talk")) == ["One", "a", "Two", "", "Three", "c"]


def test_an_endpoint_that_is_gone_is_told_and_may_come_back(screen: Screen, server: ScriptedServer):
    address = server.server_address[1]
    server.close()
    screen.ask("Hi")
    assert len(screen.errors) == 1
    assert screen.errors[0].startswith(f"OpenAI can't be reached at 127.0.0.1:{address}.")
    with ScriptedServer(address):
        screen.click("Retry")
    assert screen.messages[1] == ("assistant", server.default_reply.text) and screen.errors == []


def test_a_failed_answer_still_offers_retry_in_another_tab(screen: Screen, server: ScriptedServer, open_page):
    server.script(Reply(status=500))
    screen.ask("Hi")
    other = open_page("chatbot_with_memory", screen.address)
    assert other.errors == screen.errors
    other.click("Retry")
    assert other.messages[1] == ("assistant", server.default_reply.text)
