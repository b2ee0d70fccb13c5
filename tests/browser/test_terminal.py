"""A conversation begun in the terminal goes on in the browser."""

import json
import os
import subprocess
import sys

from playwright.sync_api import Page

from settings import ROOT
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S


def test_a_conversation_begun_in_the_terminal_goes_on_in_the_browser(
    page: Page, app: App, server: ScriptedServer, scripted_variables: dict[str, str]
):
    server.script(Reply("Hello Alice."), Reply("You are Alice."))
    run = subprocess.run(
        [sys.executable, "-m", "view.terminal", "--once", "--json"],
        input="My name is Alice.",
        cwd=ROOT,
        env={**os.environ, **scripted_variables, "CONVERSATIONS_FILE": str(app.file)},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=True,
    )
    conversation_id = json.loads(run.stdout)["conversation_id"]
    chat = Chat(page, app).open(f"/Chatbot_With_Memory?conversation={conversation_id}")
    chat.answer("Hello Alice.")
    chat.ask("Who am I?")
    chat.answer("You are Alice.")
    sent = [message["content"] for message in server.requests[-1].body["messages"]]
    assert sent == ["My name is Alice.", "Hello Alice.", "Who am I?"]
