"""Signing in, in a real browser: Cloudflare Access in front, and a whole login with OpenID Connect."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.access_proxy import AccessProxy
from tests.access_server import AccessServer
from tests.browser.journey import CHAT, App, Chat, free_port
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until

ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@evil.example"
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def access() -> Iterator[AccessServer]:
    with AccessServer() as server:
        yield server


@pytest.fixture(scope="module")
def behind_access(
    executable: str, access: AccessServer, scripted_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("access"), **scripted_variables, **access.variables)
    yield app
    app.kill()


def test_two_people_behind_cloudflare_have_conversations_of_their_own(
    behind_access: App, access: AccessServer, server: ScriptedServer, new_context: NewContext
):
    def person(email: str) -> Chat:
        way = copy(behind_access)
        way.url = AccessProxy(behind_access.port, access.token(email)).url
        return Chat(new_context().new_page(), way).open()

    server.script(Reply("Noted"))
    ann = person(ANN)
    ann.ask("My secret is swordfish")
    expect(ann.answers.last).to_contain_text("Noted")
    expect(ann.page).to_have_url(re.compile("conversation="))
    bob = person(BOB)
    bob.is_drawn()
    expect(bob.sidebar).not_to_contain_text("swordfish")
    bob.page.goto(ann.page.url.replace(ann.app.url, bob.app.url))
    bob.is_drawn()
    expect(bob.page.get_by_text("swordfish")).to_have_count(0)


def test_who_comes_without_a_token_gets_nothing_of_the_page(behind_access: App, new_context: NewContext):
    page = new_context().new_page()
    response = page.goto(behind_access.url + CHAT)
    assert response and response.status == 403
    expect(page.get_by_text("Sign in to use bnaGPT.")).to_be_visible()


@pytest.fixture
def oidc_page(browser: Browser) -> Iterator[Page]:
    """Return a page that may ask the identity provider, whose own pages want styles of another host."""
    context = browser.new_context()
    context.route(re.compile("jsdelivr"), lambda route: route.abort())
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    port = free_port()
    users = [
        option
        for email in (ANN, EVE)
        for option in ("--user-claims", json.dumps({"sub": email, "email": email, "email_verified": True}))
    ]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{url}/.well-known/openid-configuration").is_success
        return False

    wait_until(is_up, "the identity provider does not start")
    yield url
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def with_oidc(
    executable: str, provider: str, scripted_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("oidc")
    secrets = folder / "secrets.toml"
    people = {"SIGN_IN": "oidc", "ALLOWED_EMAILS": "@example.org", "STREAMLIT_SECRETS_FILES": str(secrets)}
    write_secrets(secrets, provider, 1)
    app = App(folder, **scripted_variables, **people)
    app.kill()
    write_secrets(secrets, provider, app.port)
    app.start()
    yield app
    app.kill()


def write_secrets(file: Path, provider: str, port: int) -> None:
    file.write_text(
        "[auth]\n"
        f'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        'cookie_secret = "a secret of the tests, which is long enough"\n'
        'client_id = "bnagpt"\nclient_secret = "bnagpt"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )


def sign_in(chat: Chat, email: str) -> None:
    chat.page.get_by_role("button", name="Sign in").click()
    chat.page.get_by_role("button", name=email).click()


def test_a_person_signs_in_with_openid_connect_and_finds_their_own(
    with_oidc: App, server: ScriptedServer, oidc_page: Page
):
    page = oidc_page
    chat = Chat(page, with_oidc)
    page.goto(with_oidc.url + CHAT)
    expect(page.get_by_text("Sign in to use bnaGPT.")).to_be_visible()
    sign_in(chat, ANN)
    chat.open()
    server.script(Reply("Noted"))
    chat.ask("My secret is swordfish")
    expect(chat.answers.last).to_contain_text("Noted")


def test_who_may_not_come_in_is_told_so_and_can_sign_in_as_somebody_else(with_oidc: App, oidc_page: Page):
    page = oidc_page
    page.goto(with_oidc.url + CHAT)
    sign_in(Chat(page, with_oidc), EVE)
    expect(page.get_by_text("Your address is not let in here.")).to_be_visible()
    page.get_by_role("button", name="Sign in as somebody else").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_text("Sign in to use bnaGPT.")).to_be_visible()
