"""Two people whose conversations have equal names and ids: through no door does one see what is the other's."""

import io
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console
from streamlit.testing.v1 import AppTest
from websockets.sync.client import connect

from model.chat.conversation import Conversation
from model.chat.message import Message, now
from model.chat.message_parts import Attachment, ToolStep
from model.pictures.picture import SVG, Picture
from settings import ROOT, Settings
from tests.access_server import HEADER, AccessServer
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from tests.view.people.conftest import ANN, BOB, talk
from tests.view.shell.test_sign_in import Browser
from tests.waiting import daily
from utils.retrieval.embeddings import FOLDER
from view.shell.services import the_app
from view.terminal.chat import TerminalChat
from view.terminal.commands import run_command
from view.terminal.screen import Screen as TerminalScreen
from view.terminal.session import TerminalState

REQUESTS, PAGES = daily(120, 500), daily(10, 40)
WORDS = {ANN: "swordfish", BOB: "marmalade"}
SAME, NAME = "same", "Equal"


def other_than(person: str) -> str:
    return BOB if person == ANN else ANN


def settle(person: str) -> str:
    """Let a person have a conversation with a file and a picture, and return the hash of the file."""
    word, services = WORDS[person], the_app().services_of(person)
    files = services.resources.attachments
    file = files.put(f"{word}.txt", f"{word} in a file".encode())
    drawn = files.put("drawing.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><text>{word}</text></svg>'.encode())
    conversation = talk(word, file.sha256)
    conversation.messages[0].id = SAME
    picture = Picture(drawn.sha256, "drawing.svg", SVG, drawn.size_bytes, 100, 100, prompt=word)
    step = ToolStep("1", "draw", result="", details={"pictures": [picture.to_row()]})
    conversation.messages[1].tool_steps = [step]
    answer = conversation.messages[1]
    answer.created_at = now()
    answer.model_name, answer.prompt_token_count, answer.completion_token_count = f"{word}-model", 10, 10
    services.conversations.save_conversation(NAME, conversation)
    return file.sha256


class Doors:
    """Each way in, as one person takes it; each returns what that person was shown."""

    def __init__(self, access: AccessServer, browser: Browser, api: ApiServer) -> None:
        self.access, self.browser, self.api = access, browser, api

    def headers(self, person: str) -> dict[str, str]:
        return {HEADER: self.access.token(person)}

    def over_http(self, person: str, luck: random.Random) -> str:
        own, foreign = WORDS[person], WORDS[other_than(person)]
        path = luck.choice(
            [
                "/conversations",
                f"/conversations/{SAME}",
                f"/conversations/{SAME}/export?format=json",
                f"/search?q={own}",
                f"/search?q={foreign}",
            ]
        )
        response = self.api.client.get(path, headers=self.headers(person))
        assert response.status_code == 200
        if path.startswith("/search"):
            assert bool(response.json()) == path.endswith(own)
        return response.text

    def over_a_socket(self, person: str, luck: random.Random) -> str:
        with connect(f"ws://{self.api.host}/ws", additional_headers=self.headers(person)) as socket:
            socket.send(json.dumps({"type": "resume", "conversation_id": SAME}))
            events: list[dict[str, object]] = []
            while not events or events[-1]["event"] not in ("done", "error"):
                events.append(json.loads(socket.recv()))
            return json.dumps(events)

    def in_the_terminal(self, person: str, luck: random.Random) -> str:
        chat = TerminalChat(TerminalState(self.api.app().services_of(person), "chatbot_with_memory"), TerminalScreen())
        seen = io.StringIO()
        chat.screen.console = chat.screen.errors = Console(file=seen, width=200)
        foreign = luck.random() < 0.5
        run_command(chat, f"/list {WORDS[other_than(person) if foreign else person]}")
        assert ("There is none." in seen.getvalue()) == foreign
        run_command(chat, "/list")
        run_command(chat, f"/load {NAME}")
        assert WORDS[person] in seen.getvalue()
        return seen.getvalue()

    def on_a_page(self, person: str, luck: random.Random) -> str:
        self.browser.tokens = [self.access.token(person)]
        visit = luck.choice([self.page_of_the_conversation, self.page_of_the_search, self.gallery, self.usage])
        return visit(person)

    def page_of_the_conversation(self, person: str) -> str:
        shown = Screen("chatbot_with_memory", conversation=SAME).everything()
        assert WORDS[person] in shown
        return shown

    def page_of_the_search(self, person: str) -> str:
        screen = Screen("chatbot_with_memory")
        box = next(each for each in screen.app.sidebar.text_input if each.label == "Search")
        box.set_value(WORDS[other_than(person)]).run()
        assert not screen.entries
        box.set_value(WORDS[person]).run()
        assert list(screen.entries) == [NAME]
        # What was looked for stands in the box of its own person, and there alone.
        box.set_value("").run()
        return screen.everything()

    def gallery(self, person: str) -> str:
        screen = Screen("image_generation")
        screen.click("Gallery")
        shown = screen.everything()
        assert WORDS[person] in shown
        return shown

    def usage(self, person: str) -> str:
        page = (
            AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page("pages/90_Usage.py").run()
        )
        assert not page.exception
        shown = "\n".join(str(getattr(node, "proto", "")) for node in page._tree)
        assert WORDS[person] in shown
        return shown


@pytest.fixture
def doors(settings: Settings, access: AccessServer, browser: Browser, server: ScriptedServer) -> Iterator[Doors]:
    """Return the ways in, where each of two people has a conversation of the same id and name, and has just asked."""
    api = ApiServer()
    doors = Doors(access, browser, api)
    for person in (ANN, BOB):
        settle(person)
        server.script(Reply(f"{WORDS[person]} again"))
        asked = {"type": "chat", "message": f"Say {WORDS[person]}", "conversation_id": SAME}
        with connect(f"ws://{api.host}/ws", additional_headers=doors.headers(person)) as socket:
            socket.send(json.dumps(asked))
            while json.loads(socket.recv())["event"] != "done":
                pass
    yield doors
    api.close()


def test_nothing_of_the_others_is_seen_through_any_door(doors: Doors):
    elsewhere: list[Callable[[str, random.Random], str]] = [
        doors.over_http,
        doors.over_http,
        doors.over_a_socket,
        doors.in_the_terminal,
    ]

    def visit(number: int, door: Callable[[str, random.Random], str]) -> None:
        person = (ANN, BOB)[number % 2]
        shown = door(person, random.Random(number))
        assert WORDS[other_than(person)] not in shown, door.__name__

    with ThreadPoolExecutor(6) as pool:
        visits = [pool.submit(visit, number, elsewhere[number // 2 % 4]) for number in range(REQUESTS - PAGES)]
        for number in range(PAGES):  # in this thread, since a test has one browser
            visit(number, doors.on_a_page)
        for each in visits:
            each.result()


def test_an_undo_brings_back_a_persons_own(doors: Doors):
    doors.browser.tokens = [doors.access.token(ANN)]
    ann = Screen("chatbot_with_memory")
    ann.pick(NAME, "Delete")
    doors.browser.tokens = [doors.access.token(BOB)]
    bob = Screen("chatbot_with_memory", conversation=SAME)
    assert not any(label.startswith("Undo") for label in bob.buttons) and list(bob.entries) == [NAME]
    doors.browser.tokens = [doors.access.token(ANN)]
    ann.click(next(label for label in ann.buttons if label.startswith("Undo")))
    assert WORDS[ANN] in Screen("chatbot_with_memory", conversation=SAME).everything()
    doors.browser.tokens = [doors.access.token(BOB)]
    shown = Screen("chatbot_with_memory", conversation=SAME).everything()
    assert WORDS[BOB] in shown and WORDS[ANN] not in shown


def test_a_deletion_takes_a_persons_own(doors: Doors):
    address, client = f"/conversations/{SAME}", doors.api.client
    assert client.delete(address, headers=doors.headers(ANN)).status_code == 200
    assert client.get(address, headers=doors.headers(ANN)).status_code == 404
    assert WORDS[BOB] in client.get(address, headers=doors.headers(BOB)).text


@pytest.mark.parametrize("person", [ANN, BOB])
def test_the_hash_of_a_file_opens_it_for_its_person_alone(doors: Doors, server: ScriptedServer, person: str):
    sha256 = the_app().services_of(ANN).resources.attachments.put("a.txt", b"swordfish in a file").sha256
    file = Attachment(sha256, "mine.txt", "text/plain", 20)
    taken = Conversation([Message("user", "What is in it?", attachments=[file], id="taken"), Message("assistant", "?")])
    the_app().services_of(person).conversations.save_conversation("Taken", taken)
    doors.browser.tokens = [doors.access.token(person)]
    screen = Screen("documents", conversation="taken")
    server.script(Reply("Done"))
    screen.ask("What is in the file?")
    assert "Done" in screen.everything()
    assert ("swordfish in a file" in json.dumps(server.requests[-1].body)) == (person == ANN)
    assert person == ANN or "swordfish" not in screen.everything()


def facts_page(person: str, doors: Doors) -> AppTest:
    doors.browser.tokens = [doors.access.token(person)]
    page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page("pages/93_Memory.py").run()
    assert not page.exception
    return page


def shown_on(page: AppTest) -> str:
    return "\n".join(str(getattr(node, "proto", "")) for node in page._tree)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed")
def test_nobody_recalls_what_another_has_said_or_is_told_their_facts(doors: Doors, server: ScriptedServer):
    for person in (ANN, BOB):
        word = WORDS[person]
        the_app().services_of(person).conversations.save_conversation("Pet", talk(f"My pet is called {word}."))
        page = facts_page(person, doors)
        page.text_input(key="bna.memory.new").set_value(f"I like {word}.")
        next(button for button in page.button if button.label == "Remember").click().run()
        assert f"I like {word}." in shown_on(page)
    for person in (ANN, BOB):
        own, foreign = WORDS[person], WORDS[other_than(person)]
        assert own in shown_on(facts_page(person, doors)) and foreign not in shown_on(facts_page(person, doors))
        sought = json.dumps({"query": f"a pet called {foreign} or any other pet"})
        server.script(Reply(tool_calls=[("recall", sought)]), Reply("Here."))
        asked = {"message": "What is my pet called?", "stage": "log"}
        answered = doors.api.client.post("/chat", json=asked, headers=doors.headers(person))
        assert answered.status_code == 200
        rows = server.requests[-1].body["messages"]
        [result] = [row["content"] for row in rows if row["role"] == "tool"]
        assert f"called {own}." in result and foreign not in json.dumps(rows).replace(f"called {foreign} or", "")
        assert f"I like {own}." in json.dumps(rows)
    the_app().delete_all_of(ANN)
    folder = the_app().services_of(ANN).resources.settings.conversations_file.parent
    assert not [path for path in folder.rglob("*.facts")] + [path for path in folder.rglob("*.memory")]
    assert WORDS[BOB] in shown_on(facts_page(BOB, doors))
