"""What servers offer beside tools, on the page of All Together: attached and asked by a person's click alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.stages.connections.registry import connections_of
from tests.mcp_places import Peer, write_config
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from view.shell.services import the_app

GREET = {"name": "greet", "title": "Greet", "arguments": [{"name": "who", "required": True}]}
NOTE = {"uri": "memo://note", "name": "A note"}


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(
        tmp_path / "peer",
        resources=[NOTE],
        prompts=[GREET],
        contents={
            "memo://note": [{"uri": "memo://note", "text": "The code word is walnut.", "mimeType": "text/plain"}]
        },
        messages=[{"role": "user", "content": {"type": "text", "text": "Say hello to Ann."}}],
    )


@pytest.fixture
def offering(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, peer: Peer, open_page) -> Iterator[Screen]:
    """Return All Together with the server switched on."""
    monkeypatch.setenv("MCP_CONFIG", str(write_config(tmp_path / "mcp.json", memo=peer.row)))
    screen = open_page("all_together")
    [switches] = screen.app.main.button_group
    switches.set_value(["mcp:memo", "documents"]).run()
    yield screen
    connections_of(the_app().services_of().resources).end()


def test_nothing_is_asked_of_a_server_before_a_click(offering: Screen, peer: Peer):
    assert "Look what it offers" in offering.buttons and peer.record == []


def test_a_resource_goes_with_the_next_question_as_a_file(offering: Screen, server: ScriptedServer):
    offering.click("Look what it offers")
    offering.click("Attach")
    assert "note.txt" in offering.everything()
    server.script(Reply("Walnut."))
    offering.ask("What is the code word?")
    assert offering.errors == [] and "The code word is walnut." in str(server.requests[-1].body)


def test_a_prompt_is_read_first_then_asked(offering: Screen, server: ScriptedServer):
    offering.click("Look what it offers")
    offering.click("Write it")
    assert "also wants: who" in offering.errors[0]
    next(box for box in offering.app.text_input if box.label == "who").set_value("Ann").run()
    offering.click("Write it")
    assert server.requests == []
    next(box for box in offering.app.text_area if box.label.startswith("A server wrote")).set_value("Greet Ann")
    server.script(Reply("Hello Ann."))
    offering.click("Ask")
    assert offering.messages == [("user", "Greet Ann"), ("assistant", "Hello Ann.")]
    assert not [box for box in offering.app.text_area if box.label.startswith("A server wrote")]


def test_without_the_switch_there_is_nothing_of_it(offering: Screen):
    [switches] = offering.app.main.button_group
    switches.set_value(["documents"]).run()
    assert "Look what it offers" not in offering.buttons
