"""The page Models: what suits this machine, a model by a click, any repository, what is here, and Ollama's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from controller.stages.models.downloads import DONE, PAUSED
from controller.stages.models.library import ModelLibrary, models_of
from model.providers.embedded import embedded_model
from model.providers.local_models.catalogue import CATALOGUE, Machine
from settings import ROOT
from tests.access_server import AccessServer
from tests.hub_server import HubServer
from tests.ollama_server import OllamaServer
from tests.view.conftest import TIMEOUT_S
from tests.view.shell.test_sign_in import signed_in_browser
from tests.waiting import wait_until
from utils.threads.stop import CancellationToken
from view.shell.services import the_app
from view.shell.session import ModelChoice

TOKEN = "hf_very_secret"
NAME = "someone/tiny-GGUF"
DATA = bytes(range(256)) * 256
SMALLEST = CATALOGUE[0]


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, {"tiny-Q4_K_M.gguf": DATA, "tiny-Q8_0.gguf": DATA * 2})
        server.add(SMALLEST.repository, {f"smallest-{SMALLEST.quantisation}.gguf": DATA})
        yield server


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        yield server


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, hub: HubServer, ollama: OllamaServer, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("OLLAMA_BASE_URL", ollama.url)


@pytest.fixture
def models_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Return the page on a machine with 16 GB of memory."""
    monkeypatch.setattr(ModelLibrary, "machine", lambda _: Machine(16_000_000_000, 100_000_000_000))
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
    app.session_state["bna.drawn"] = True
    app.switch_page("pages/96_Models.py")
    yield app.run()
    assert not app.exception, app.exception
    assert TOKEN not in "\n".join(str(getattr(node, "proto", "")) for node in app._tree)


def library() -> ModelLibrary:
    return models_of(the_app().services_of().resources)


def click(app: AppTest, key: str) -> None:
    """Press the button whose key ends so."""
    [button] = [each for each in app.button if (each.key or "").endswith(key)]
    button.click().run()
    assert not app.exception, app.exception


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def texts(app: AppTest) -> list[str]:
    return [each.value for each in (*app.markdown, *app.caption, *app.error, *app.info)]


def wait_for_all(app: AppTest) -> None:
    """Wait until nothing is fetched any more, and draw the page."""
    wait_until(lambda: not any(one.is_under_way for one in library().downloads.all()))
    app.run()


def test_the_short_list_tells_what_each_model_is_and_marks_the_best_one(models_page: AppTest):
    shown = texts(models_page)
    assert "This machine has 16.0 GB of memory, and 100.0 GB free on its disk." in shown
    for row in CATALOGUE:
        assert f"**{row.title}**" in shown
        assert any(row.licence_url in text and row.repository in text and row.languages in text for text in shown)
    assert shown.index("**Qwen3 8B**") < shown.index("**Qwen3 0.6B**")
    assert sum("Best for this machine" in text for text in shown) == 1


def test_a_model_comes_by_a_click_and_goes_by_one(models_page: AppTest, tmp_path: Path):
    click(models_page, f".get.{SMALLEST.repository}")
    wait_for_all(models_page)
    shown = texts(models_page)
    path = tmp_path / "hub" / SMALLEST.repository / f"smallest-{SMALLEST.quantisation}.gguf"
    assert path.read_bytes() == DATA and f"**smallest-{SMALLEST.quantisation}**".replace("_", "\\_") in shown
    assert ":material/check_circle: It is here." in shown
    assert f"LOCAL_MODEL_PATH={path}" in [code.value for code in models_page.code]
    click(models_page, f".delete.{path}")
    assert not path.exists() and "On this machine" not in [heading.value for heading in models_page.header]


def test_a_download_is_paused_resumed_and_cancelled(models_page: AppTest, hub: HubServer, tmp_path: Path):
    hub.cdn.gate = CancellationToken()
    click(models_page, f".get.{SMALLEST.repository}")
    [download] = library().downloads.all()
    wait_until(lambda: download.done_bytes == len(DATA) // 2)
    models_page.run()
    assert [bar.proto.value for bar in models_page.get("progress")] == [50]
    assert f".get.{SMALLEST.repository}" not in "".join(button.key or "" for button in models_page.button)
    click(models_page, f".pause.{download.source.key}")
    wait_until(lambda: download.state == PAUSED)
    models_page.run()
    assert "Resume" in labels(models_page) and "Pause" not in labels(models_page)
    click(models_page, f".resume.{download.source.key}")
    hub.cdn.gate.set()
    wait_until(lambda: download.state == DONE)
    models_page.run()
    click(models_page, f".hide.{download.source.key}")
    assert library().downloads.all() == [] and len(library().installed()) == 1

    hub.cdn.gate = CancellationToken()
    models_page.text_input(key="bna.models.repository").set_value(NAME)
    click(models_page, "List its files")
    click(models_page, ".get_any")
    [other] = library().downloads.all()
    wait_until(lambda: other.done_bytes == len(DATA) // 2)
    models_page.run()
    click(models_page, f".cancel.{other.source.key}")
    assert library().downloads.all() == []
    wait_until(lambda: not (tmp_path / "hub" / NAME).exists())


def test_any_repository_lists_its_files_with_the_one_that_suits(models_page: AppTest):
    models_page.text_input(key="bna.models.repository").set_value(f"https://huggingface.co/{NAME}")
    click(models_page, "List its files")
    [radio] = models_page.radio
    assert radio.options == [
        "tiny-Q4\\_K\\_M.gguf · 0 MB · suits this machine best",
        "tiny-Q8\\_0.gguf · 0 MB",
    ]
    radio.set_value(1).run()
    click(models_page, ".get_any")
    wait_for_all(models_page)
    assert [one.path.name for one in library().installed()] == ["tiny-Q8_0.gguf"]


def test_what_goes_wrong_is_told_in_its_place(models_page: AppTest, hub: HubServer):
    models_page.text_input(key="bna.models.repository").set_value("someone/nothing")
    click(models_page, "List its files")
    assert [error.value for error in models_page.error] == [
        "Hugging Face has no “someone/nothing”, or it is not for everybody."
        " Look at its name; for one that is private, set HF\\_TOKEN in .env."
    ]
    hub.fail("/api/", 403, X_Error_Code="GatedRepo")
    click(models_page, f".get.{SMALLEST.repository}")
    [error] = models_page.error
    assert "accepted its licence" in error.value and library().downloads.all() == []


def test_names_of_strangers_are_plain_text(models_page: AppTest, hub: HubServer):
    hub.add("someone/evil-GGUF", {"![x](leak)<b>*bold*-Q4_0.gguf": DATA})
    models_page.text_input(key="bna.models.repository").set_value("someone/evil-GGUF")
    click(models_page, "List its files")
    assert not any(part in models_page.radio[0].options[0] for part in ("![x](", "<b>", "*bold*-"))
    click(models_page, ".get_any")
    wait_for_all(models_page)
    assert not any("![x](" in text or "<b>" in text for text in texts(models_page))


def test_a_model_that_the_picker_has_is_used_by_a_click(models_page: AppTest, tmp_path: Path):
    known = embedded_model("smollm2").title
    path = tmp_path / "hub" / "me" / "mine" / f"{known}.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    models_page.run()
    click(models_page, f".use.{path}")
    choice: ModelChoice = models_page.session_state["bna.model"]
    assert (choice.provider_name, choice.model_names["embedded"]) == ("embedded", known)
    assert "In use" in labels(models_page) and not [code for code in models_page.code if "LOCAL_MODEL" in code.value]


def test_ollamas_models_are_pulled_used_and_deleted(models_page: AppTest, ollama: OllamaServer):
    def is_found() -> bool:
        models_page.run()
        return any(button.label == "Pull it" for button in models_page.button)

    wait_until(is_found)  # it is looked for in the background
    models_page.text_input(key="bna.models.pull.name").set_value("tiny:latest")
    click(models_page, "Pull it")
    wait_for_all(models_page)
    assert "**tiny:latest**" in texts(models_page)
    click(models_page, ".ollama.use.tiny:latest")
    choice: ModelChoice = models_page.session_state["bna.model"]
    assert (choice.provider_name, choice.model_names["ollama"]) == ("ollama", "tiny:latest")
    click(models_page, ".ollama.delete.tiny:latest")
    assert ollama.models == {} and "**tiny:latest**" not in texts(models_page)


def test_where_people_sign_in_it_only_tells_what_is_here(
    access: AccessServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    path = tmp_path / "hub" / "me" / "mine" / "mine.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    signed_in_browser(monkeypatch).tokens = [access.token("ann@example.org")]
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
    app.switch_page("pages/96_Models.py")
    app.run()
    assert not app.exception and any("whoever runs bnaGPT" in text for text in texts(app))
    assert "**mine**" in texts(app) and not [code for code in app.code if str(tmp_path) in code.value]
    assert not {"Get it", "Yes, delete", "List its files", "Pull it"} & set(labels(app))
