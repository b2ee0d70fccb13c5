"""Settings: what a person may choose, read once from the environment and `.env`.

The only file that reads environment variables. Nothing here raises: a missing key is no error until a provider needs
it, and a value that can't be used is told in `problems` while the default stands in.
"""

import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from utils.files.certificates import certificate_problems
from utils.files.env_file import EnvStamp, env_stamp, env_text
from utils.net.typed_address import completed, database_address, is_web_address

ROOT = Path(__file__).resolve().parent
ENV_FILE = ROOT / (os.environ.get("ENV_FILE") or ".env")
SECRETS = ROOT / ".streamlit" / "secrets.toml"  # Streamlit's own; STREAMLIT_SECRETS_FILES names another


@dataclass(frozen=True)
class Variable:
    """One variable: the table of docs/settings.md and `.env.example` are made from these."""

    name: str
    default: str
    meaning: str


# Which providers there are is told in `model/providers/provider.py`: their variables all have such a name.
_is_of_provider = re.compile(r"[A-Z][A-Z0-9_]*_(API_KEY|BASE_URL)|(HEARING|SPEAKING|IMAGE)_(MODEL|VOICE)").fullmatch
_is_of_web = re.compile(r"(?!DATABASE_)\w+_URL").fullmatch
WEB_VARIABLES = (
    Variable("WEB_SEARCH", "ddgs", "How the web is searched: ddgs (public engines, no key), searxng or wikipedia."),
    Variable("SEARXNG_URL", "", "Where your own SearXNG server is; its JSON format has to be switched on."),
    Variable("WIKIPEDIA_URL", "https://en.wikipedia.org", "Which Wikipedia is searched."),
    Variable("WEB_ALLOWED_HOSTS", "", "Hosts that web pages may be read from although they are private: host:port, …"),
)

GOOGLE_VARIABLES = (
    Variable("GOOGLE_CLIENT_ID", "", "Your OAuth client at Google: files of the Log in Drive, and its calendar."),
    Variable("GOOGLE_CLIENT_SECRET", "", "The client's secret."),
    Variable("GOOGLE_AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth", "Where people sign in at Google."),
    Variable("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token", "Where it gives tokens."),
    Variable("GOOGLE_REVOKE_URL", "https://oauth2.googleapis.com/revoke", "Where it takes them back."),
    Variable("GOOGLE_API_URL", "https://www.googleapis.com", "Where its Drive and its calendar are."),
)

CALDAV_VARIABLES = (
    Variable("CALDAV_URL", "", "A calendar at a CalDAV server. Empty, or where people sign in: a file, calendar.ics."),
    Variable("CALDAV_USERNAME", "", "Who you are there."),
    Variable("CALDAV_PASSWORD", "", "Your password there, best one that is for bnaGPT alone."),
)

VARIABLES = (
    Variable(
        "LLM_PROVIDER",
        "",
        "Who answers: embedded, ollama, custom, or one whose key is set, such as groq. Empty: the first that has a key,"
        " else embedded.",
    ),
    Variable("LLM_MODEL", "", "Which of the provider's models. Empty: the provider's default."),
    Variable("LLM_CONTEXT_WINDOW", "", "How many tokens the model reads at once, where the provider does not say so."),
    Variable(
        "LLM_TIMEOUT_S",
        "60",
        "How many seconds to wait for the next piece of an answer; three times that while a server only says it works.",
    ),
    Variable(
        "EMBEDDED_MODEL",
        "",
        "Which model that comes with bnaGPT answers without a key: qwen, or smollm2, which is smaller, quicker and"
        " weaker. Empty: the best one that is here.",
    ),
    Variable("LOCAL_MODEL_PATH", "", "A GGUF file to answer by default, or a folder of them."),
    Variable("MODELS_DIR", "", "Where models that the page Models fetches lie. Empty: in .models/hub."),
    Variable("HF_ENDPOINT", "https://huggingface.co", "Where they are fetched from: Hugging Face, or a mirror of it."),
    Variable("HF_TOKEN", "", "Your token there, for models whose licence has to be accepted."),
    Variable(
        "AUTO_TITLES",
        "embedded",
        "Which models make titles for conversations that have none: embedded, where it costs nothing, all or none.",
    ),
    Variable(
        "CODE_SANDBOX",
        "auto",
        "Where code runs: auto, with numpy, pandas and matplotlib if `make analysis` has put them here, or monty.",
    ),
    Variable("MCP_CONFIG", "", "The file that names MCP servers. Empty: mcp.json, beside .env."),
    Variable("EMBEDDING_MODEL", "", "Which of the provider's models finds passages. Empty: a small one that is here."),
    Variable("ASK_BEFORE_TOOLS", "no", "yes: no tool runs before you have allowed it, in any conversation."),
    Variable(
        "ENV_FILE", ".env", "Where these settings are kept, and Settings writes them; the environment alone says so."
    ),
    Variable("CONVERSATIONS_FILE", "conversations.json", "Where conversations are; files of a server's lie beside it."),
    Variable(
        "DATABASE_URL",
        "",
        "A database for conversations in place of that file: sqlite:///conversations.db or"
        " postgresql://name:password@host/database. What stays files lies beside it, in a folder of its own.",
    ),
    Variable("ATTACHMENTS_URL", "", "Storage that machines share for attached files, such as s3://bucket/folder."),
    Variable("ASSISTANTS_DIR", "", "Where your own assistants live. Empty: in assistants/own, beside conversations."),
    Variable(
        "ALLOWED_HOSTS",
        "",
        "Names and addresses, beside localhost, by which browsers reach bnaGPT: box.local, 10.0.0.5, …",
    ),
    Variable("API_KEYS", "", "Keys of the HTTP API, or their hashes: key, sha256:…, … Empty: only this machine asks."),
    Variable("API_ORIGINS", "", "Sites whose pages may ask the HTTP API: https://example.org, …"),
    Variable("API_REQUESTS_PER_MINUTE", "600", "How often each client of the HTTP API may ask."),
    Variable(
        "SIGN_IN",
        "",
        "How people sign in, each to conversations of their own: cloudflare (Access), or oidc (OpenID Connect, as"
        " .streamlit/secrets.toml says). Empty: one person, and no login.",
    ),
    Variable("CF_ACCESS_TEAM", "", "Your team at Cloudflare: myteam, or myteam.cloudflareaccess.com."),
    Variable("CF_ACCESS_AUD", "", "The audience tag that Cloudflare shows for the application."),
    Variable("ALLOWED_EMAILS", "", "Who may come in: ann@example.org, @example.org, … or * for all who can sign in."),
    *WEB_VARIABLES,
    Variable("DAY_ENDS_AT", "04:00", "When a day of the Log ends: a time of the next morning."),
    Variable("LOG_FOLDER", "", "Where the Log puts the files of each day. Empty: in log/, beside conversations."),
    *CALDAV_VARIABLES,
    *GOOGLE_VARIABLES,
    Variable("VISION_PROVIDER", "", "Who looks at pictures where the chat's model can't see: a provider, as above."),
    Variable("VISION_MODEL", "", "Which of its models. Empty: its default."),
    Variable("HEARING_MODEL", "", "Which of the provider's models turns speech into text, such as whisper-1."),
    Variable("SPEAKING_MODEL", "", "Which of its models reads answers aloud, such as tts-1."),
    Variable("SPEAKING_VOICE", "", "In which of its voices."),
    Variable(
        "IMAGE_BASE_URL", "", "A server that makes images as OpenAI does: LocalAI, stable-diffusion.cpp, a gateway."
    ),
    Variable("IMAGE_API_KEY", "", "Its key, if it wants one."),
    Variable(
        "IMAGE_MODEL", "", "Which model makes images, such as gpt-image-1. Empty: the provider's own, if it has one."
    ),
)


@dataclass(frozen=True)
class SignIn:
    """How people sign in; `kind` is "" where nobody has to, and "locked" where the settings can't be used."""

    kind: str = ""
    issuer: str = ""  # of Cloudflare the team's address, of OpenID Connect where its metadata stand
    audience: str = ""
    allowed_emails: tuple[str, ...] = ()
    problem: str = ""  # why it is locked


@dataclass(frozen=True)
class Settings:
    """What was chosen; `provider_values` holds keys, so a repr hides it."""

    llm_provider: str = ""
    llm_model: str = ""
    llm_context_window: int | None = None
    llm_timeout_s: float = 60.0
    embedded_model: str = ""
    local_model_path: Path | None = None
    auto_titles: str = "embedded"
    embedding_model: str = ""
    vision_provider: str = ""
    vision_model: str = ""
    ask_before_tools: bool = False
    code_sandbox: str = "auto"
    conversations_file: Path = ROOT / "conversations.json"  # with a database only what lies beside it is there
    database_url: str = field(default="", repr=False)  # as SQLAlchemy takes it; it may hold a password
    attachments_url: str = field(default="", repr=False)
    assistants_dir: Path | None = None
    mcp_config: Path = ROOT / "mcp.json"
    env_file: Path | None = None  # what it was read from
    env_stamp: EnvStamp | None = field(default=None, repr=False, compare=False)
    fixed: frozenset[str] = frozenset()  # the names of variables that the environment sets, over what is in `.env`
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)  # for ${NAME} in that file
    day_ends_at: time = time(4)
    log_folder: Path | None = None
    web_search: str = "ddgs"
    web_values: Mapping[str, str] = field(default_factory=dict)
    caldav_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    google_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    provider_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_keys: tuple[str, ...] = field(default=(), repr=False)  # the SHA-256 of each
    allowed_hosts: tuple[str, ...] = ()
    api_origins: tuple[str, ...] = ()
    api_requests_per_minute: float = 600.0
    sign_in: SignIn = SignIn()
    is_build_server: bool = False  # where nothing is fetched that a package index does not have
    problems: tuple[str, ...] = ()

    @property
    def database_file(self) -> Path | None:
        """Return SQLite's file; None where conversations are elsewhere."""
        is_sqlite = self.database_url.startswith("sqlite:///")
        return Path(self.database_url.removeprefix("sqlite:///").partition("?")[0]) if is_sqlite else None

    @property
    def is_stale(self) -> bool:
        """Return whether `.env` was changed since it was read: at a page, by hand, by another process."""
        return self.env_file is not None and env_stamp(self.env_file) != self.env_stamp

    def beside(self, what: str) -> Path:
        """Return where what belongs to the conversation file lies: its journal, its index, people's things."""
        return self.conversations_file.with_name(f"{self.conversations_file.name}.{what}")

    @classmethod
    def load(cls, env_file: Path | None = None, **more: str) -> "Settings":
        """Read `.env` and the environment; the environment wins, and over it what is given by name."""
        env_file = env_file or ENV_FILE
        stamp = env_stamp(env_file)
        text, problems = env_text(env_file)
        in_file = {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}
        settings = cls.from_env(in_file | dict(os.environ) | more)
        told = (*problems, *settings.problems)
        fixed = frozenset((*os.environ, *more))
        return replace(settings, problems=told, env_file=env_file, env_stamp=stamp, fixed=fixed)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings that these variables tell."""
        own = [variable.name for variable in VARIABLES]
        text = {name: checked_value(name, environ.get(name, "")) for name in (*own, *filter(_is_of_provider, environ))}
        problems = [*certificate_problems(environ), *filter(None, (problem_with(name, text[name]) for name in own))]
        named = text["CONVERSATIONS_FILE"] or "conversations.json"
        database_url, database_folder = database_address(text["DATABASE_URL"], (ROOT / named).parent, ROOT)
        context_window = _positive_number(text, "LLM_CONTEXT_WINDOW", problems)
        return cls(
            llm_provider=text["LLM_PROVIDER"].lower(),
            llm_model=text["LLM_MODEL"],
            llm_context_window=int(context_window) if context_window else None,
            llm_timeout_s=_positive_number(text, "LLM_TIMEOUT_S", problems) or 60.0,
            embedded_model=text["EMBEDDED_MODEL"].lower(),
            local_model_path=ROOT / text["LOCAL_MODEL_PATH"] if text["LOCAL_MODEL_PATH"] else None,
            auto_titles=_one_of(text, "AUTO_TITLES", ("embedded", "all", "none"), problems),
            embedding_model=text["EMBEDDING_MODEL"],
            vision_provider=text["VISION_PROVIDER"].lower(),
            vision_model=text["VISION_MODEL"],
            code_sandbox=_one_of(text, "CODE_SANDBOX", ("auto", "monty"), problems),
            ask_before_tools=_one_of(text, "ASK_BEFORE_TOOLS", ("no", "yes"), problems) == "yes",
            conversations_file=database_folder / "conversations" if database_folder else ROOT / named,
            database_url=database_url,
            attachments_url=text["ATTACHMENTS_URL"].rstrip("/"),
            mcp_config=ROOT / (text["MCP_CONFIG"] or "mcp.json"),
            environment=dict(environ),
            assistants_dir=ROOT / text["ASSISTANTS_DIR"] if text["ASSISTANTS_DIR"] else None,
            day_ends_at=_time_of_day(text, "DAY_ENDS_AT", time(4), problems),
            log_folder=ROOT / text["LOG_FOLDER"] if text["LOG_FOLDER"] else None,
            web_search=_one_of(text, "WEB_SEARCH", ("ddgs", "searxng", "wikipedia"), problems),
            web_values={v.name: text[v.name] or v.default for v in WEB_VARIABLES},
            caldav_values={v.name: text[v.name] for v in CALDAV_VARIABLES},
            google_values={v.name: text[v.name] or v.default for v in GOOGLE_VARIABLES},
            provider_values={key: value for key, value in text.items() if value and _is_of_provider(key)},
            api_keys=tuple(map(_hashed, _listed(text["API_KEYS"]))),
            allowed_hosts=_hosts(text["ALLOWED_HOSTS"], problems),
            api_origins=tuple(origin.rstrip("/").lower() for origin in _listed(text["API_ORIGINS"])),
            api_requests_per_minute=_positive_number(text, "API_REQUESTS_PER_MINUTE", problems) or 600.0,
            sign_in=_sign_in(text, Path(environ.get("STREAMLIT_SECRETS_FILES", "") or SECRETS), problems),
            is_build_server=environ.get("CI", "") == "true",
            problems=(*problems, *_what_does_not_go_together(text)),
        )


def _what_does_not_go_together(text: Mapping[str, str]) -> list[str]:
    """Return which variables are of no use beside others."""
    problems = []
    if text["WEB_SEARCH"] == "searxng" and not text["SEARXNG_URL"]:
        problems.append("WEB_SEARCH is searxng, but SEARXNG_URL does not say where that is.")
    if text["CALDAV_URL"] and text["SIGN_IN"]:
        problems.append("CALDAV_URL is one person's calendar, so it is not used where people sign in (SIGN_IN).")
    return problems


def checked_value(name: str, value: str) -> str:
    """Return a value without what copying leaves around it: spaces, quotes, and characters that nobody sees."""
    if name.endswith(("_FILE", "_DIR", "_PATH", "_FOLDER", "_CONFIG")):  # a file may have any name
        return os.path.expanduser(value.strip())
    seen = "".join(char for char in value if unicodedata.category(char) != "Cf")
    bare = seen.strip().strip("“”„‘’«»\"'").strip()
    return completed(bare) if _is_of_web(name) and bare else bare


def unusable_character(key: str) -> str:
    """Return the first character of a key that can't be sent in a header; empty where all can."""
    return next((char for char in key if not "!" <= char <= "~"), "")


def problem_with(name: str, value: str) -> str:
    """Return what is wrong with a key or an address, told without the key; "" where nothing is."""
    if name.endswith("_API_KEY") and (wrong := unusable_character(value)):
        return f"{name} holds a character that no key has: {wrong!a}."
    if _is_of_web(name) and value and not is_web_address(value):
        return f"{name} is no web address."  # which may hold a password
    return ""


def _positive_number(text: Mapping[str, str], name: str, problems: list[str]) -> float | None:
    """Return the number that a variable holds; None, with a problem told, where it holds something else."""
    if not text[name]:
        return None
    with suppress(ValueError):
        if 0 < (number := float(text[name])) < 1e9:
            return number
    problems.append(f"{name} must be a number above 0, but is “{text[name]}”; the default is used.")
    return None


def _time_of_day(text: Mapping[str, str], name: str, default: time, problems: list[str]) -> time:
    """Return the time that a variable holds, such as 04:00; the default, with a problem told, where it holds none."""
    with suppress(ValueError):
        return time.fromisoformat(text[name].zfill(5)).replace(tzinfo=None) if text[name] else default
    problems.append(f"{name} must be a time such as {default:%H:%M}, but is “{text[name]}”; the default is used.")
    return default


def _listed(text: str) -> tuple[str, ...]:
    """Return the values that stand between commas."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _sign_in(text: Mapping[str, str], secrets: Path, problems: list[str]) -> SignIn:
    """Return how people sign in; nobody comes in, with a problem told, where that can't be known."""
    kind, allowed = text["SIGN_IN"].lower(), _listed(text["ALLOWED_EMAILS"].lower())
    if not kind:
        return SignIn()
    issuer = audience = problem = ""
    if kind == "cloudflare":
        issuer, audience = _team_address(text["CF_ACCESS_TEAM"]), text["CF_ACCESS_AUD"]
        problem = "" if issuer and audience else "SIGN_IN=cloudflare needs CF_ACCESS_TEAM and CF_ACCESS_AUD."
    elif kind == "oidc":
        issuer, audience = _auth_of(secrets)
        problem = "" if issuer and audience else "SIGN_IN=oidc needs [auth] in .streamlit/secrets.toml."
        # Whoever has an account at a large provider can sign in there.
        problem = problem or ("" if allowed else "SIGN_IN=oidc needs ALLOWED_EMAILS; * lets all in who can sign in.")
    else:
        problem = f"SIGN_IN must be cloudflare or oidc, but is “{text['SIGN_IN']}”."
    if problem:
        problems.append(f"{problem} Until then nobody is let in.")
        return SignIn("locked", problem=problems[-1])
    return SignIn(kind, issuer, audience, allowed or ("*",))


def _team_address(team: str) -> str:
    """Return the address of a Cloudflare team's domain."""
    if not team or "://" in team:
        return team.rstrip("/")
    return f"https://{team if '.' in team else f'{team}.cloudflareaccess.com'}".rstrip("/")


def _auth_of(secrets: Path) -> tuple[str, str]:
    """Return where OpenID Connect's metadata stand, and the client's id, from Streamlit's own file of secrets.

    Source: https://docs.streamlit.io/develop/concepts/connections/authentication
    """
    with suppress(OSError, ValueError):  # tomllib's errors are ValueErrors
        auth = tomllib.loads(secrets.read_text(encoding="utf-8")).get("auth")
        if isinstance(auth, dict):
            return str(auth.get("server_metadata_url", "")), str(auth.get("client_id", ""))
    return "", ""


def _hosts(text: str, problems: list[str]) -> tuple[str, ...]:
    """Return the hosts that stand between commas; what can be none is told."""
    hosts = {host: re.fullmatch(r"(https?://)?[^\s/?#@\\]+/?", host) for host in _listed(text)}
    wrong = [host for host, found in hosts.items() if not found]
    problems += [f"ALLOWED_HOSTS holds “{re.sub('.*[@?].*', '…', host)}”, which is no host's name." for host in wrong]
    return tuple(host for host, found in hosts.items() if found)


def _hashed(key: str) -> str:
    """Return the SHA-256 of a key, in hexadecimal; a hash may stand in its place, so that the key need not."""
    prefix, _, digest = key.partition(":")
    return digest.lower() if prefix == "sha256" else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _one_of(text: Mapping[str, str], name: str, choices: tuple[str, ...], problems: list[str]) -> str:
    """Return the choice that a variable holds; the first, with a problem told, where it holds something else."""
    value = text[name].lower() or choices[0]
    if choices == ("no", "yes"):
        value = {"true": "yes", "on": "yes", "1": "yes", "false": "no", "off": "no", "0": "no"}.get(value, value)
    if value in choices:
        return value
    problems.append(f"{name} must be one of {', '.join(choices)}, but is “{text[name]}”; {choices[0]} is used.")
    return choices[0]
