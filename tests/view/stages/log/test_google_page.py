"""The page Google, as people use it: connect, choose a folder, sign in again, disconnect."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from settings import ROOT
from tests.google_server import GoogleServer
from tests.view.conftest import TIMEOUT_S
from view.stages.log import google_page

PAGE = "pages/94_Google.py"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    """Return a Google that the settings name; AppTest knows no address of a page, so it is told one."""
    monkeypatch.setattr(google_page, "redirect_uri", lambda: "http://127.0.0.1:8501/Google")
    with GoogleServer() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        yield server


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def link(app: AppTest, label: str) -> str:
    """Return where a link leads."""
    return str(next(one.proto.url for one in app.get("link_button") if one.proto.label == label))


def labels(app: AppTest) -> list[str]:
    return [one.proto.label for one in app.get("link_button")]


def connected(google: GoogleServer, label: str = "Connect Google Drive") -> AppTest:
    """Return the page as Google sends the person back to it."""
    return opened(**google.consent(link(opened(), label)))


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.success, *app.error, *app.warning, *app.caption))


def test_without_a_client_the_page_says_how_to_set_one_up():
    app = opened()
    assert "GOOGLE_CLIENT_ID" in texts(app) and not labels(app)


def test_a_click_leads_to_google_and_back_and_the_address_keeps_nothing(google: GoogleServer):
    app = connected(google)
    assert "Connected: Files of the Log in Google Drive." in texts(app)
    assert not app.query_params
    assert "in the Drive of ann" in texts(app)
    app.run()
    assert "Connected:" not in texts(app)


def test_the_way_to_google_asks_for_no_more_than_is_wanted(google: GoogleServer):
    app = opened()
    asked = parse_qs(urlsplit(link(app, "Connect Google Calendar")).query)
    assert asked["scope"] == ["https://www.googleapis.com/auth/calendar.events"]
    assert asked["code_challenge_method"] == ["S256"] and len(asked["state"][0]) >= 43
    assert link(app.run(), "Connect Google Calendar") == link(app, "Connect Google Calendar")


def test_a_second_visit_of_the_same_address_is_refused_in_a_sentence(google: GoogleServer):
    told = google.consent(link(opened(), "Connect Google Drive"))
    opened(**told)
    app = opened(**told)
    assert "too old" in texts(app) and not app.query_params


def test_who_says_no_reads_that_nothing_has_changed(google: GoogleServer):
    google.refuses = True
    assert "nothing has changed" in texts(connected(google))


def test_a_folder_is_made_and_another_one_chosen(google: GoogleServer):
    app = connected(google)
    for name in ("My days", "Letters <b>"):
        app.text_input(key="bna.google.name").input(name)
        next(one for one in app.button if one.label == "Make it").click().run()
        assert not app.exception
    assert "Letters" in texts(app)
    app.button(key="bna.google.list").click().run()
    next(one for one in app.button if one.label == "My days").click().run()
    assert "go to the folder My days in the Drive" in texts(app)


def test_a_dead_google_is_told_and_the_page_stays(google: GoogleServer):
    app = connected(google)
    google.fail("/drive/v3/files", 400, "badRequest")
    app.button(key="bna.google.list").click().run()
    assert not app.exception and "answered with an error, 400" in texts(app)


def test_where_google_asks_to_sign_in_again_the_page_and_the_log_say_so(google: GoogleServer):
    app = connected(google)
    google.end_account()
    app.button(key="bna.google.list").click().run()
    app = opened()
    assert "sign in again" in texts(app) and "Sign in again" in labels(app)
    log = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page("pages/12_Log.py").run()
    assert not log.exception and any("sign in again" in one.value for one in log.sidebar.warning)
    app = opened(**google.consent(link(app, "Sign in again")))
    assert "sign in again" not in texts(app)


def test_disconnecting_forgets_the_account(google: GoogleServer):
    app = connected(google)
    app.button(key="bna.google.disconnect").click().run()
    assert len(google.revoked) == 1 and "Connect Google Drive" in labels(app)
