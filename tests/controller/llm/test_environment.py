"""What an environment holds never stops the model on this machine, and a fault in it is told by its name."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from controller.chat.completion import complete_once
from controller.llm.discovery import build_providers
from controller.llm.discovery.local_models import LocalModels
from controller.llm.passthrough import relay
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.simple_chatbot import SimpleChatController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import BnaError
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from utils.threads.stop import CancellationToken
from view.app import build_resources

ENVIRONMENTS = [
    {"ALL_PROXY": "socks://127.0.0.1:9/"},
    {"ALL_PROXY": "socks5://127.0.0.1:9"},
    {"ALL_PROXY": "nonsense://x"},
    {"HTTP_PROXY": "http://[bad", "NO_PROXY": ""},
    {"NO_PROXY": "localhost,127.0.0.1,[::1]", "HTTP_PROXY": "http://127.0.0.1:9"},
    {"NO_PROXY": "localhost,fd07:b51a::/64"},
    {"SSL_CERT_FILE": "/nowhere/cacert.pem"},
]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Return what a proxy of the environment has heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setitem(os.environ, name, f"http://127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setitem(os.environ, "no_proxy", "")

        def take() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                heard.append(connection.recv(65_536))
                connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield heard


def test_nothing_that_is_meant_for_this_machine_goes_to_a_proxy(
    listener: list[bytes], server: ScriptedServer, environ: dict[str, str]
):
    server.script(Reply("one"), Reply("two"), Reply("three"), Reply("four"))
    providers = build_providers(Settings.from_env(environ | {"OLLAMA_BASE_URL": server.base_url}))
    for stage in (SimpleChatController(build_resources(providers)), MemoryController(build_resources(providers))):
        assert [*stage.reply(Conversation(), "My secret is 4711")]
    list(
        relay(
            providers,
            ModelSelection(),
            {"messages": [{"role": "user", "content": "x"}], "stream": True},
            CancellationToken(),
        )
    )
    complete_once(providers, providers.endpoint(), [Message("user", "x")], 9)
    providers.refresh_models(providers.default)
    LocalModels(providers.settings)._probe_ollama(server.base_url, is_named=True)
    assert providers.problems == []
    assert listener == []


@pytest.mark.parametrize("values", ENVIRONMENTS, ids=lambda values: " ".join(values))
@pytest.mark.parametrize("stage", [SimpleChatController, MemoryController])
def test_the_model_on_this_machine_answers_whatever_the_environment_holds(
    values: dict[str, str], stage: type[MemoryController], server: ScriptedServer, environ: dict[str, str], monkeypatch
):
    for name, value in values.items():
        monkeypatch.setitem(os.environ, name, value)
    server.script(Reply("All is well"))
    conversation = Conversation()
    assert [*stage(build_resources(build_providers(Settings.from_env(environ)))).reply(conversation, "Hi")]
    assert conversation.messages[-1].content == "All is well"


def fault_of(values: dict[str, str]) -> list[BnaError]:
    """Return what is told by each way to ask."""
    common = {"LLM_PROVIDER": "custom", "LLM_MODEL": "m", "LLM_TIMEOUT_S": "2"}
    providers = build_providers(Settings.from_env(common | values))
    faults = []
    for ask in (
        lambda: list(SimpleChatController(build_resources(providers)).reply(Conversation(), "Hi")),
        lambda: list(MemoryController(build_resources(providers)).reply(Conversation(), "Hi")),
        lambda: list(
            relay(providers, ModelSelection(), {"messages": [{"role": "user", "content": "x"}]}, CancellationToken())
        ),
        lambda: [complete_once(providers, providers.endpoint(), [Message("user", "x")], 9)],
    ):
        with pytest.raises(BnaError) as caught:
            ask()
        faults.append(caught.value)
    return faults


@pytest.mark.parametrize(
    ("values", "environment", "named"),
    [
        ({"CUSTOM_BASE_URL": "http://far.invalid/v1"}, {"ALL_PROXY": "ftp://x"}, "ALL_PROXY"),
        ({"CUSTOM_BASE_URL": "http://[::bad"}, {}, "CUSTOM_BASE_URL"),
        ({"CUSTOM_BASE_URL": "http://127.0.0.1:port/v1"}, {}, "CUSTOM_BASE_URL"),
        ({"CUSTOM_BASE_URL": "http://127.0.0.1:9/v1", "CUSTOM_API_KEY": "sk-é"}, {}, "CUSTOM_API_KEY"),
        ({"CUSTOM_BASE_URL": "http://far.invalid/v1"}, {"ALL_PROXY": "socks://127.0.0.1:9"}, "ALL_PROXY"),
        ({"CUSTOM_BASE_URL": "127.0.0.1:9/v1"}, {}, "127.0.0.1:9"),
    ],
)
def test_what_is_wrong_is_told_by_its_name(
    values: dict[str, str], environment: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(os.environ, "NO_PROXY", "")
    for name, value in environment.items():
        monkeypatch.setitem(os.environ, name, value)
    for fault in fault_of(values):
        assert named in f"{fault.message} {fault.hint}"
