"""Stop, a provider that is gone, and a program that is killed: what had come is kept, and the next turn works."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S

ENDLESS = Reply("word " * 10_000, tokens_per_s=20)


def test_stop_closes_the_connection_and_keeps_the_text(chat: Chat, server: ScriptedServer):
    server.script(ENDLESS)
    chat.ask("Talk")
    chat.answer("word word word")
    chat.stop.click()
    request = server.wait_for_request(1, ended=True)
    assert request.closed_at and not request.finished
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    chat.answer("word word word")
    chat.ask("Again")
    chat.answer(server.default_reply.text)
    assert [message["content"] for message in server.requests[-1].body["messages"]][::2] == ["Talk", "Again"]


# The page asks by itself whether an answer that was stopped has ended. Under load Streamlit may lose that.
NO_TICKS = """(() => {
    const real = window.setInterval;
    window.setInterval = (act, ms, ...more) => [250, 3000].includes(ms) ? 0 : real(act, ms, ...more);
})()"""


def test_a_page_whose_last_drawing_was_lost_asks_for_it(chat: Chat, server: ScriptedServer):
    chat.page.add_init_script(NO_TICKS)
    chat.page.reload()
    server.script(ENDLESS)
    chat.ask("Talk")
    chat.answer("word word word")
    chat.stop.click()
    assert server.wait_for_request(1, ended=True).closed_at
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    chat.ended()


def test_stop_works_after_a_reload(chat: Chat, server: ScriptedServer):
    server.script(ENDLESS)
    chat.ask("Talk")
    chat.answer("word word")
    chat.page.reload()
    chat.answer("word word")
    chat.button("Stop").click()
    request = server.wait_for_request(1, ended=True)
    assert request.closed_at and not request.finished
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    chat.ended()


@pytest.mark.parametrize("way", ["a suggestion", "Retry", "Home"])
def test_whatever_began_the_answer_there_is_a_stop(chat: Chat, server: ScriptedServer, way: str):
    if way == "Retry":
        server.script(Reply(status=500))
        chat.ask("Talk")
    server.script(ENDLESS)
    if way == "Home":
        chat.open("/").ask("Talk")
    else:
        chat.button("Retry" if way == "Retry" else "Understand something Explain how rain forms.").click()
    chat.answer("word word")
    chat.stop.or_(chat.button("Stop")).click()
    assert server.wait_for_request(len(server.requests), ended=True).closed_at
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    chat.ask("Again")
    chat.answer(server.default_reply.text)


def test_stop_works_before_the_first_word(chat: Chat, server: ScriptedServer):
    server.script(Reply("late", delay_s=FOR_EVER_S))
    chat.ask("Talk")
    server.wait_for_request()
    chat.stop.click()
    request = server.wait_for_request(1, ended=True)
    assert request.closed_at and not request.finished
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    chat.button("Retry").click()
    chat.answer(server.default_reply.text)


def test_a_provider_that_is_gone_is_told_and_retry_works_when_it_is_back(
    chat: Chat, server: ScriptedServer, model_port: int
):
    server.close()
    chat.ask("Anyone there?")
    expect(chat.errors).to_have_count(1)
    expect(chat.errors).to_contain_text(f"can't be reached at 127.0.0.1:{model_port}")
    with ScriptedServer(model_port):
        chat.button("Retry").click()
        chat.answer(server.default_reply.text)
        expect(chat.errors).to_have_count(0)
        expect(chat.questions).to_have_count(1)


@pytest.fixture
def mortal_app(executable: str, tmp_path: Path, scripted_variables: dict[str, str]):
    """Start bnaGPT for one test that kills it."""
    app = App(tmp_path, **scripted_variables)
    yield app
    app.kill()


def test_a_killed_program_keeps_question_and_text(page, mortal_app: App, server: ScriptedServer):
    server.script(ENDLESS)
    chat = Chat(page, mortal_app).open()
    chat.ask("Talk")
    chat.answer("word word word")
    address = chat.address
    mortal_app.kill()
    mortal_app.start()
    chat.open(address)
    expect(chat.questions).to_contain_text(["Talk"])
    chat.answer("word word word")
    expect(page.get_by_text("Interrupted")).to_be_visible()
    chat.button("Retry").click()
    chat.answer(server.default_reply.text)
    [name] = mortal_app.store.names()
    chat.ended()
    assert [m.content for m in mortal_app.store.load(name).messages] == ["Talk", server.default_reply.text]
