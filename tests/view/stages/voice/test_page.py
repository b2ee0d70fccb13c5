"""Stage 9 on the page: a recording becomes a question, and an answer is read aloud."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.assistants.assistant import Assistant
from model.assistants.store import AssistantStore
from model.store.json_store import JsonStore
from tests.scripted_server import Reply
from tests.sounds import music
from tests.speech_server import SpeechServer
from tests.view.conftest import Screen
from tests.waiting import PATIENCE_S
from utils.local_models.audio import wav
from view.shell.services import services
from view.stages.voice.session import VoiceState


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as scripted:
        yield scripted


@pytest.fixture
def voice_screen(open_page, server: SpeechServer, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("HEARING_MODEL", "ears")
    monkeypatch.setenv("SPEAKING_MODEL", "mouth")
    screen: Screen = open_page("voice")
    return screen


def state(screen: Screen) -> VoiceState:
    found: VoiceState = screen.app.session_state["bna.voice.voice"]
    return found


def say(screen: Screen, sound: bytes = b"", name: str = "said.wav") -> None:
    """Let a recording wait for the next question, and send it."""
    asker_state = screen.app.session_state["bna.voice"]
    asker_state.attachments = [services().resources.attachments.put(name, sound or wav(music(0.5)))]
    screen.app.chat_input[0].set_value(" ").run()


def test_what_was_said_is_asked_and_the_recording_is_kept(
    voice_screen: Screen, store: JsonStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("view.stages.voice.actions.HEARD_AT_ONCE_S", PATIENCE_S)
    say(voice_screen)
    assert [text for _, text in voice_screen.messages] == ["What is rain?", "This is the scripted answer."]
    assert [file.name for file in store.find(voice_screen.address).messages[0].attachments] == ["said.wav"]
    assert len(voice_screen.app.chat_message[0].get("audio")) == 1


def test_an_answer_is_spoken_as_it_comes(voice_screen: Screen, server: SpeechServer):
    server.script(Reply("It falls. It is wet.\n\n```\nx = 1\n```\n"))
    voice_screen.ask("Rain?")
    speech = state(voice_screen).speech
    assert speech and speech.wait(PATIENCE_S)
    assert [clip.text for clip in speech.clips] == ["It falls.", "It is wet.", "The code is on the screen."]


def test_a_quiet_page_speaks_nothing(voice_screen: Screen, server: SpeechServer):
    voice_screen.app.toggle("bna.voice.is_aloud").set_value(False).run()
    voice_screen.ask("Rain?")
    assert state(voice_screen).speech is None and server.speech_requests == []
    voice_screen.click("Read aloud")
    speech = state(voice_screen).speech
    assert speech and speech.wait(PATIENCE_S)
    assert [clip.text for clip in speech.clips] == ["This is the scripted answer."]


def test_what_was_heard_can_be_changed_before_it_is_sent(voice_screen: Screen, server: SpeechServer):
    voice_screen.app.toggle("bna.voice.checks").set_value(True).run()
    say(voice_screen)
    assert voice_screen.messages == [] and server.requests == []
    assert "These files will be sent with your next message:" not in voice_screen.captions
    [box] = voice_screen.app.text_area
    assert box.value == "What is rain?"
    box.set_value("What is snow?")
    voice_screen.click("Send")
    assert voice_screen.messages[0][1] == "What is snow?"
    assert not voice_screen.app.text_area


def test_what_was_heard_can_be_thrown_away(voice_screen: Screen):
    voice_screen.app.toggle("bna.voice.checks").set_value(True).run()
    say(voice_screen)
    voice_screen.click("Discard")
    assert voice_screen.messages == [] and not voice_screen.app.text_area
    assert not voice_screen.app.session_state["bna.voice"].attachments


def test_a_file_without_sound_is_told_and_what_was_typed_stays(voice_screen: Screen):
    say(voice_screen, b"no sound", "notes.mp3")
    assert "“notes.mp3” has no audio" in voice_screen.errors[0]
    assert voice_screen.messages == []


def test_a_recording_that_could_not_be_heard_waits(voice_screen: Screen, server: SpeechServer):
    server.speech_status = 500
    say(voice_screen)
    assert voice_screen.errors and "These files will be sent with your next message:" in voice_screen.captions
    server.speech_status = 200
    voice_screen.ask("Please:")
    assert voice_screen.messages[0] == ("user", "Please:\n\nWhat is rain?")


def test_a_voice_that_fails_leaves_the_answer(voice_screen: Screen, server: SpeechServer):
    server.speech_status = 500
    voice_screen.ask("Rain?")
    assert voice_screen.messages[-1][1] == "This is the scripted answer."
    if speech := state(voice_screen).speech:  # the voice may fail after the answer's end
        speech.wait(PATIENCE_S)
        voice_screen.app.run()
    assert "has a problem of its own" in voice_screen.errors[0]
    assert state(voice_screen).speech is None


def test_the_sidebar_says_where_recordings_go(voice_screen: Screen):
    assert any(caption.startswith("Recordings and answers are sent to OpenAI") for caption in voice_screen.captions)
    voice_screen.app.selectbox("bna.voice.row").select_index(1).run()
    assert any("Nothing leaves it" in caption for caption in voice_screen.captions)


def test_an_assistant_with_voice_hears_and_answers_aloud(
    open_page, server: SpeechServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("HEARING_MODEL", "ears")
    monkeypatch.setenv("SPEAKING_MODEL", "mouth")
    cook = AssistantStore(tmp_path / "assistants" / "own", tmp_path / "conversations.json.allowed.json").save(
        Assistant("Cook", "You cook.", tools=("voice",))
    )
    screen = open_page("assistants", assistant=cook.id)
    asker_state = screen.app.session_state["bna.assistants"]
    asker_state.attachments = [services().resources.attachments.put("said.wav", wav(music(0.5)))]
    screen.app.chat_input[0].set_value(" ").run()
    assert [text for _, text in screen.messages][-2:] == ["What is rain?", "This is the scripted answer."]
    speech = screen.app.session_state["bna.assistants.voice"].speech
    assert speech and speech.wait(PATIENCE_S) and "Read aloud" in screen.buttons


def test_an_assistant_without_voice_is_silent(open_page, tmp_path: Path):
    cook = AssistantStore(tmp_path / "assistants" / "own", tmp_path / "conversations.json.allowed.json").save(
        Assistant("Cook", "You cook.")
    )
    screen = open_page("assistants", assistant=cook.id)
    screen.ask("Soup?")
    assert screen.app.session_state["bna.assistants.voice"].speech is None
    assert "Read aloud" not in screen.buttons and not screen.app.chat_input[0].proto.accept_audio


def test_the_player_gets_no_dict_for_which_streamlit_would_import_pandas(voice_screen: Screen):
    protos = [node.proto for node in voice_screen.app._tree if node.type == "bidi_component"]
    [given] = [json.loads(proto.json) for proto in protos if proto.component_name == "bna_player"]
    assert given == [{"silenced": []}]
