"""Settings: read from a dictionary, never raising, never showing a key."""

from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from model.providers.provider import provider_variables
from settings import ROOT, VARIABLES, Settings
from tests.conftest import SECRET


def test_nothing_set_is_fine():
    settings = Settings.from_env({})
    assert settings.llm_provider == ""
    assert settings.conversations_file == ROOT / "conversations.json"
    assert settings.problems == ()


def test_keys_are_hidden_in_a_repr():
    settings = Settings.from_env({"GROQ_API_KEY": SECRET})
    assert settings.provider_values["GROQ_API_KEY"] == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("value", ["abc", "-1", "0", "nan", "inf", "1e400"])
def test_a_value_that_is_no_number_is_told_and_the_default_stands_in(value: str):
    settings = Settings.from_env({"LLM_TIMEOUT_S": value})
    assert settings.llm_timeout_s == 60
    assert "LLM_TIMEOUT_S" in settings.problems[0] and value in settings.problems[0]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    env_file = tmp_path / ".env"
    env_file.write_text("LLM_MODEL=from-file\nLLM_PROVIDER=groq\n")
    monkeypatch.delenv("LLM_PROVIDER")
    monkeypatch.setenv("LLM_MODEL", "from-environment")
    settings = Settings.load(env_file)
    assert (settings.llm_provider, settings.llm_model) == ("groq", "from-environment")


def test_the_example_names_every_variable():
    example = (ROOT / ".env.example").read_text()
    assert [v.name for v in (*VARIABLES, *provider_variables()) if f"{v.name}=" not in example] == []


def test_an_engine_without_an_address_and_one_that_nobody_knows_are_told():
    assert "SEARXNG_URL" in Settings.from_env({"WEB_SEARCH": "searxng"}).problems[0]
    assert Settings.from_env({"WEB_SEARCH": "searxng", "SEARXNG_URL": "http://a.test"}).problems == ()
    settings = Settings.from_env({"WEB_SEARCH": "altavista"})
    assert settings.web_search == "ddgs" and "altavista" in settings.problems[0]


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*VARIABLES, *provider_variables()):
        monkeypatch.delenv(variable.name, raising=False)


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_file_is_read_in_the_encodings_that_editors_write(encoding: str, tmp_path: Path):
    env_file = tmp_path / ".env"
    env_file.write_bytes("GROQ_API_KEY=k\r\n# Schlüssel\r\nHEARING_MODEL=ä\r\n".encode(encoding))
    settings = Settings.load(env_file)
    assert (settings.provider_values, settings.problems) == ({"GROQ_API_KEY": "k", "HEARING_MODEL": "ä"}, ())


@pytest.mark.usefixtures("unset")
def test_a_file_in_an_old_encoding_is_read_and_told(tmp_path: Path):
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"# Schl\xfcssel\nGROQ_API_KEY=k\n")
    settings = Settings.load(env_file)
    assert settings.provider_values == {"GROQ_API_KEY": "k"} and ".env is not UTF-8" in settings.problems[0]


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("data", [bytes(range(256)), b"\xff\xfe\x00", b"\0", b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_file_of_rubbish_raises_nothing(data: bytes, tmp_path: Path):
    (tmp_path / ".env").write_bytes(data)
    Settings.load(tmp_path / ".env")


@pytest.mark.usefixtures("unset")
def test_a_line_that_is_no_variable_is_told_without_what_it_holds(tmp_path: Path):
    env_file = tmp_path / ".env"
    env_file.write_text(f"GROQ_API_KEY=k\n'{SECRET}\nLLM_MODEL=m\n")
    settings = Settings.load(env_file)
    assert settings.provider_values["GROQ_API_KEY"] == "k"
    assert "line 2" in settings.problems[0] and SECRET not in settings.problems[0]


@pytest.mark.usefixtures("unset")
def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path):
    (tmp_path / ".env").mkdir()
    assert ".env can't be read" in Settings.load(tmp_path / ".env").problems[0]


@pytest.mark.parametrize("pasted", ["sk-a\u200bb", " sk-ab\u00a0", "“sk-ab”", "'sk-ab'", "\ufeffsk-ab", "„sk-ab“"])
def test_what_copying_leaves_around_a_key_is_taken_off(pasted: str):
    settings = Settings.from_env({"GROQ_API_KEY": pasted})
    assert (settings.provider_values["GROQ_API_KEY"], settings.problems) == ("sk-ab", ())


@pytest.mark.parametrize("key", ["sk-é", "sk a", "sk\nb", "sk–b", "ключ"])
def test_a_key_that_cannot_be_sent_is_told_by_its_name_and_not_shown(key: str):
    problem = build_providers(Settings.from_env({"GROQ_API_KEY": key})).problems[0]
    assert "GROQ_API_KEY" in problem and key not in problem


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("localhost:1234/v1", "http://localhost:1234/v1"),
        ("[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("box:8000", "http://box:8000"),
        ("api.example.test/v1", "https://api.example.test/v1"),
        ("http://a.test/v1/chat/completions", "http://a.test/v1"),
    ],
)
def test_an_address_gets_what_people_leave_out(text: str, address: str):
    settings = Settings.from_env({"CUSTOM_BASE_URL": text})
    assert (settings.provider_values["CUSTOM_BASE_URL"], settings.problems) == (address, ())


@pytest.mark.parametrize(
    "text", ["http://[::bad", "http://a b/v1", "ftp://a.test", "http://", "http://a:port", "http://a\nb"]
)
@pytest.mark.parametrize("name", ["CUSTOM_BASE_URL", "OPENAI_BASE_URL", "SEARXNG_URL"])
def test_what_is_no_address_is_told_by_its_name(name: str, text: str):
    assert name in build_providers(Settings.from_env({name: text})).problems[0]


def test_keys_of_other_programs_are_none_of_our_business():
    assert build_providers(Settings.from_env({"OTHER_API_KEY": "a key", "OTHER_BASE_URL": "x y"})).problems == []


def test_certificates_that_are_not_there_are_told(tmp_path: Path):
    (tmp_path / "empty.pem").touch()
    for file in ("/nowhere/cacert.pem", str(tmp_path / "empty.pem"), str(tmp_path)):
        assert "SSL_CERT_FILE" in Settings.from_env({"SSL_CERT_FILE": file}).problems[0]
    assert "SSL_CERT_DIR" in Settings.from_env({"SSL_CERT_DIR": "/nowhere"}).problems[0]
    assert Settings.from_env({"SSL_CERT_DIR": str(tmp_path)}).problems == ()


def test_hosts_and_origins_are_taken_as_people_write_them():
    settings = Settings.from_env(
        {"ALLOWED_HOSTS": "box.local, http://10.0.0.5:80/, ::1", "API_ORIGINS": "https://A.test/"}
    )
    assert settings.allowed_hosts == ("box.local", "http://10.0.0.5:80/", "::1")
    assert settings.api_origins == ("https://a.test",) and settings.problems == ()


@pytest.mark.parametrize("host", ["my box", "ftp://box", "box/path", "user@box"])
def test_what_is_no_host_is_told(host: str):
    settings = Settings.from_env({"ALLOWED_HOSTS": f"box.local, {host}"})
    assert settings.allowed_hosts == ("box.local",) and host.replace("user@box", "…") in settings.problems[0]


@pytest.mark.parametrize(
    "address",
    [
        "https://me:{}@my box",
        "me:{}@my box",
        "https://{}@my box",
        "https://my box?key={}",
        "https://my box?key=a@{}",
        "https://me:{}?a@my box",
        "https://me:a://{}@my box",
    ],
)
def test_no_problem_tells_what_opens_an_address(address: str):
    address = address.format(SECRET)
    names = ("SEARXNG_URL", "CUSTOM_BASE_URL", "ALLOWED_HOSTS")
    found = [problem for name in names for problem in build_providers(Settings.from_env({name: address})).problems]
    assert len(found) == len(names) and SECRET not in str(found)


@pytest.mark.parametrize(
    ("address", "url", "folder"),
    [
        ("", "", ""),
        ("sqlite:///my.db", f"sqlite:///{ROOT / 'my.db'}", "my.db.files"),
        ("sqlite:////data/my.db", "sqlite:////data/my.db", "/data/my.db.files"),
        ("postgresql://me:a@b@db:6000/chat", "postgresql+psycopg://me:a@b@db:6000/chat", "db-6000-chat.files"),
        ("postgres://db/chat", "postgresql+psycopg://db/chat", "db-chat.files"),
        ("mysql://me:secret@db/chat", "mysql://me:secret@db/chat", "db-chat.files"),
        ("mysql://me:sec/r?et@db/chat", "mysql://me:sec/r?et@db/chat", "db-chat.files"),
        ("mysql://db:1/chat?password=a@secret", "mysql://db:1/chat?password=a@secret", "db-1-chat.files"),
        ("mysql://db/chat?user=a@b&password=secret", "mysql://db/chat?user=a@b&password=secret", "db-chat.files"),
        (
            "mysql:///chat?password=secret&host=/run/pg",
            "mysql:///chat?password=secret&host=/run/pg",
            "chat-host-run-pg.files",
        ),
        ("sqlite:///my.db?timeout=3", f"sqlite:///{ROOT / 'my.db'}?timeout=3", "my.db.files"),
    ],
)
def test_a_database_has_a_folder_of_its_own_for_what_stays_files(address, url, folder):
    settings = Settings.from_env({"DATABASE_URL": address})
    assert settings.database_url == url and settings.problems == () and "secret" not in repr(settings)
    assert settings.conversations_file == (ROOT / folder / "conversations" if folder else ROOT / "conversations.json")
    assert str(settings.database_file or "") == (
        url.removeprefix("sqlite:///").partition("?")[0] if "sqlite" in url else ""
    )


@pytest.mark.parametrize("team", ["myteam", "myteam.cloudflareaccess.com", "https://myteam.cloudflareaccess.com/"])
def test_a_team_at_cloudflare_may_be_named_in_short(team: str):
    settings = Settings.from_env({"SIGN_IN": "Cloudflare", "CF_ACCESS_TEAM": team, "CF_ACCESS_AUD": "tag"})
    assert settings.sign_in.issuer == "https://myteam.cloudflareaccess.com"
    assert settings.sign_in.allowed_emails == ("*",) and not settings.problems


@pytest.mark.parametrize(
    "values",
    [
        {"SIGN_IN": "yes"},
        {"SIGN_IN": "cloudflare"},
        {"SIGN_IN": "cloudflare", "CF_ACCESS_TEAM": "myteam"},
        {"SIGN_IN": "oidc", "ALLOWED_EMAILS": "@example.org"},
    ],
)
def test_a_way_to_sign_in_that_can_not_be_used_is_told_and_lets_nobody_in(values: dict[str, str], tmp_path: Path):
    settings = Settings.from_env(values | {"STREAMLIT_SECRETS_FILES": str(tmp_path / "none.toml")})
    assert settings.sign_in.kind == "locked" and len(settings.problems) == 1


def test_openid_connect_is_read_from_streamlits_secrets_and_needs_to_know_who_may_come_in(tmp_path: Path):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[auth]\nclient_id = "bnagpt"\nserver_metadata_url = "https://id.example/.well-known/x"\n')
    values = {"SIGN_IN": "oidc", "STREAMLIT_SECRETS_FILES": str(secrets)}
    settings = Settings.from_env(values | {"ALLOWED_EMAILS": "Ann@Example.org, @school.example"})
    assert settings.sign_in.audience == "bnagpt"
    assert settings.sign_in.allowed_emails == ("ann@example.org", "@school.example")
    assert Settings.from_env(values).sign_in.kind == "locked"


@pytest.mark.parametrize(("text", "asks"), [("true", True), ("1", True), ("On", True), ("off", False), ("0", False)])
def test_a_switch_is_understood_as_other_programs_have_it(text: str, asks: bool):
    settings = Settings.from_env({"ASK_BEFORE_TOOLS": text})
    assert settings.ask_before_tools == asks and not settings.problems


def test_a_file_may_be_named_from_a_persons_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Settings.from_env({"CONVERSATIONS_FILE": "~/mine.json"}).conversations_file == tmp_path / "mine.json"
