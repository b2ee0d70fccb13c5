"""The page Settings: a key goes in, counts at once, is tested, is never shown, and goes again."""

import stat
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from settings import ROOT
from tests.access_server import AccessServer
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from tests.view.people.conftest import ANN
from tests.view.shell.test_sign_in import Browser

PAGE = "pages/97_Settings.py"
SET_BEFORE = ("LLM_PROVIDER", "LLM_MODEL", "OPENAI_API_KEY", "MISTRAL_API_KEY", "CUSTOM_API_KEY", "CUSTOM_BASE_URL")


class SettingsPage:
    """The page, opened in a tab of its own."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page(PAGE).run()
        self.check()

    def check(self) -> None:
        """No traceback and no key may be on the page, and none may stay in the session."""
        assert not self.app.exception, self.app.exception
        told = "\n".join(str(getattr(node, "proto", "")) for node in self.app._tree)
        kept = repr(self.app.session_state._state)
        assert SECRET not in told + kept

    def click(self, key: str) -> None:
        next(button for button in self.app.button if key in str(button.key)).click().run()
        self.check()

    def save(self, key: str, **values: str) -> None:
        """Fill in the fields of the open form, and press its button."""
        for name, value in values.items():
            self.app.text_input(key=f"bna.settings.keys.{name}").set_value(value)
        next(button for button in self.app.button if f"form.{key}" in str(button.proto.form_id)).click().run()
        self.check()

    @property
    def told(self) -> str:
        return " ".join(each.value for each in (*self.app.success, *self.app.error)).replace("\\", "")


@pytest.fixture(autouse=True)
def env_file(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let settings be in a file of the test's own, and the scripted server stand for Mistral."""
    for name in SET_BEFORE:
        environ.pop(name, None)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AUTO_TITLES")
    monkeypatch.delenv("ASK_BEFORE_TOOLS")
    monkeypatch.setattr("settings.ENV_FILE", tmp_path / ".env")
    (tmp_path / ".env").write_text("# mine\n")
    return tmp_path / ".env"


@pytest.fixture
def settings_page(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], server: ScriptedServer) -> SettingsPage:
    environ["MISTRAL_BASE_URL"] = server.base_url
    monkeypatch.setenv("MISTRAL_BASE_URL", server.base_url)
    return SettingsPage()


def test_a_key_counts_at_once_on_a_page_that_was_open_before(
    settings_page: SettingsPage, open_page, server: ScriptedServer, env_file: Path
):
    chat: Screen = open_page("chatbot_with_memory")
    assert any("SmolLM2" in caption for caption in chat.captions)
    server.script(Reply("OK"), Reply("Hello from Mistral."))
    settings_page.click("Add.mistral")
    settings_page.save("mistral", MISTRAL_API_KEY=f" {SECRET} ")
    assert settings_page.told.startswith("Mistral works: mistral-small-latest answered in ")
    assert env_file.read_text() == f"# mine\nMISTRAL_API_KEY={SECRET}\n"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    chat.ask("Hi")
    assert chat.messages[-1][1] == "Hello from Mistral."
    assert server.requests[-1].headers["authorization"] == f"Bearer {SECRET}"


def test_a_key_that_the_provider_refuses_is_told_in_a_sentence(settings_page: SettingsPage, server: ScriptedServer):
    server.script(Reply(status=401, error_message=f"Incorrect API key provided: {SECRET}"))
    settings_page.click("Add.mistral")
    settings_page.save("mistral", MISTRAL_API_KEY=SECRET)
    assert "Mistral does not accept the key." in settings_page.told


def test_a_key_is_removed(settings_page: SettingsPage, server: ScriptedServer, env_file: Path):
    settings_page.click("Add.mistral")
    settings_page.save("mistral", MISTRAL_API_KEY=SECRET)
    settings_page.click("Remove.mistral")
    assert settings_page.told == "Removed." and SECRET not in env_file.read_text()
    assert not [button for button in settings_page.app.button if "Test.mistral" in str(button.key)]


def test_what_can_be_no_key_is_told_and_not_kept(settings_page: SettingsPage, env_file: Path, server: ScriptedServer):
    settings_page.click("Add.mistral")
    settings_page.save("mistral", MISTRAL_API_KEY=f"{SECRET} {SECRET}")
    assert "MISTRAL_API_KEY holds a character that no key has" in settings_page.told
    settings_page.save("mistral", MISTRAL_API_KEY="  ")
    assert "There is no key in the box." in settings_page.told
    assert env_file.read_text() == "# mine\n" and server.requests == []


def test_a_server_of_ones_own_needs_an_address_alone(
    settings_page: SettingsPage, env_file: Path, server: ScriptedServer
):
    server.script(Reply("OK"))
    settings_page.click("Add.custom")
    settings_page.save("custom", CUSTOM_BASE_URL=server.base_url)
    assert settings_page.told.startswith("Custom server works")
    assert env_file.read_text() == f"# mine\nCUSTOM_BASE_URL={server.base_url}\n"
    app = settings_page.app
    app.selectbox(key="bna.settings.LLM_PROVIDER").set_value("custom")
    app.text_input(key="bna.settings.LLM_MODEL").set_value("mine")
    next(button for button in app.button if button.label == "Save").click().run()
    settings_page.check()
    assert "LLM_PROVIDER=custom\nLLM_MODEL=mine\n" in env_file.read_text()
    settings_page.click("Test.custom")
    assert server.requests[-1].body["model"] == "mine"


def test_titles_and_permission_are_kept_as_they_are_picked(settings_page: SettingsPage, env_file: Path):
    settings_page.app.selectbox(key="bna.settings.AUTO_TITLES").set_value("none").run()
    settings_page.app.toggle(key="bna.settings.ASK_BEFORE_TOOLS").set_value(True).run()
    settings_page.check()
    assert env_file.read_text() == "# mine\nAUTO_TITLES=none\nASK_BEFORE_TOOLS=yes\n"


def test_what_the_environment_sets_can_not_be_changed_and_is_named(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
):
    for name, value in {"GROQ_API_KEY": SECRET, "AUTO_TITLES": "all"}.items():
        environ[name] = value
        monkeypatch.setenv(name, value)
    page = SettingsPage()
    assert any("`GROQ_API_KEY` is set in the environment" in caption.value for caption in page.app.caption)
    assert not [b for b in page.app.button if str(b.key).endswith((".Change.groq", ".Remove.groq", ".Add.groq"))]
    titles = page.app.selectbox(key="bna.settings.AUTO_TITLES")
    assert titles.disabled and "`AUTO_TITLES` is set in the environment" in titles.help


def test_who_signs_in_is_shown_no_key_and_no_form(access: AccessServer, browser: Browser):
    browser.tokens = [access.token(ANN)]
    app = SettingsPage().app
    assert any("set by whoever runs bnaGPT" in caption.value for caption in app.caption)
    assert not app.text_input and not app.selectbox
    assert not [button for button in app.button if "bna.settings" in str(button.key)]


def test_a_file_that_can_not_be_written_is_told_and_the_key_leaves_the_session(
    settings_page: SettingsPage, env_file: Path
):
    env_file.unlink()
    env_file.mkdir()
    settings_page.click("Add.mistral")
    settings_page.save("mistral", MISTRAL_API_KEY=SECRET)
    assert "can't be written" in settings_page.told
