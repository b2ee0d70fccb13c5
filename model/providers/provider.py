"""Provider: who can answer, as one table of rows.

All but Anthropic speak the OpenAI protocol, so a row is enough to bring a new one. What a row can't know (which key is
set, which models are served today) is found out in `controller/llm/providers.py`, read that next.
Which models take pictures is told by their names; a person can say otherwise (`Options.sees_pictures`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.providers.reasoning import BUDGET, GOOGLE, OPENROUTER, PLAIN, TEMPLATE
from settings import Variable

# Parts of names, as regular expressions. Sources: the makers' own lists of models, as of 2026.
SEEING = (
    r"gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]|chatgpt",
    r"\bo1\b(?!-(mini|preview))|\bo3\b(?!-mini)|\bo4",
    r"claude",
    r"gemini",
    r"gemma-?3(?!.*(1b|270m))|gemma-?[4-9]",
    r"pixtral|mistral-(small|medium|large)|ministral-3|magistral",
    r"llama-?4|llama-?3\.2-?(vision|11b|90b)",
    r"grok-[4-9]",
    r"qwen.*vl|internvl|smolvlm|minicpm-[ov]|glm-4\.\d+v",
    r"llava|moondream|molmo|idefics|phi-.*(vision|multimodal)",
    r"vision|-vl\b",
)
# Models of such families that hear, speak, search or write code instead.
BLIND = r"audio|realtime|transcribe|-tts|embed|search-preview|codestral|gpt-oss|guard"


def sees(model_name: str) -> bool:
    """Return whether a model takes pictures, as far as its name says."""
    name = model_name.lower()
    return any(re.search(part, name) for part in SEEING) and not re.search(BLIND, name)


ANY_SERVER = "Address of any OpenAI-compatible server: vLLM, LM Studio, llama-server, LiteLLM."
JSON_SCHEMA, JSON_OBJECT, TOLD = "json_schema", "json_object", "told"
CHAT_COMPLETIONS, MESSAGES = "chat_completions", "messages"  # the protocols: OpenAI's, which nearly all speak


@dataclass(frozen=True)
class Provider:
    """One row: where the server is, and what it can do; the variables that a person may set derive from its name.

    The row of the embedded models, which `is_built_in`, is another for each of them: what a file on this machine can do
    its header tells (`controller/llm/discovery/local_files.py`).
    A row without an address is for any server: a person has to name its address, and its key only if it wants one.
    `primer` are messages, as role and content, that go before every conversation with this provider's models.
    `may_see` tells whether some of its models take pictures, `most_pictures` how many in one request; `has_eyes` that
    this row's one does, whatever its name is.
    `json_output` is how its models are held to JSON: to a schema, to any JSON, or by being told.
    `image_model` makes images, where the provider has one that does.
    `is_small` tells of a model that is often wrong, so that what a program knows is not left to it.
    `effort` is the way in which its models are told how much to think, `token_limit` the parameter that ends an answer;
    both are only what is tried first (`controller/llm/adaptation.py`). `protocol` is how its models are talked to.
    `names_modalities`: a model that makes pictures is told so in the request.
    """

    name: str
    title: str
    base_url: str
    default_model: str
    context_window: int
    is_built_in: bool = False
    is_local: bool = False
    has_key: bool = True
    variable_prefix: str = ""
    primer: tuple[tuple[str, str], ...] = ()
    has_tools: bool = True
    reports_usage: bool = True
    json_output: str = JSON_SCHEMA
    may_see: bool = True
    has_eyes: bool = False
    most_pictures: int = 20
    image_model: str = ""
    is_small: bool = False
    effort: str = PLAIN
    token_limit: str = "max_tokens"
    protocol: str = CHAT_COMPLETIONS
    names_modalities: bool = False
    key_page: str = ""  # where a person makes a key

    @property
    def key_variable(self) -> str:
        return f"{self.variable_prefix or self.name.upper()}_API_KEY" if self.has_key else ""

    @property
    def base_url_variable(self) -> str:
        return "" if self.is_built_in else f"{self.variable_prefix or self.name.upper()}_BASE_URL"

    @property
    def needs_key(self) -> bool:
        return self.has_key and bool(self.base_url)

    @property
    def needs_address(self) -> bool:
        return not self.base_url and not self.is_built_in

    @property
    def variables(self) -> list[Variable]:
        """Return what a person may set: the key, and another address."""
        meaning = f"Key for {self.title}." if self.base_url else f"Key for {self.title}, if it wants one."
        address = f"Another address for {self.title}." if self.base_url else ANY_SERVER
        both = [(self.key_variable, "", meaning), (self.base_url_variable, self.base_url, address)]
        return [Variable(*one) for one in both if one[0]]

    def sees(self, model_name: str, said: Mapping[str, bool]) -> bool:
        """Return whether a model takes pictures: as a person said of it, else as far as its name says."""
        return self.may_see and bool(said.get(model_name, self.has_eyes or sees(model_name)))


PROVIDERS = (
    Provider(
        "embedded",
        "Embedded",
        "",
        "",
        8192,
        is_built_in=True,
        is_local=True,
        has_key=False,
        has_tools=False,
        may_see=False,
        is_small=True,
        effort=TEMPLATE,
    ),
    Provider(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "llama-3.3-70b-versatile",
        131_072,
        json_output=JSON_OBJECT,  # only some of its models take a schema
        most_pictures=5,  # https://console.groq.com/docs/vision
        key_page="https://console.groq.com/keys",
    ),
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        "gpt-5-mini",
        272_000,
        image_model="gpt-image-1",
        token_limit="max_completion_tokens",
        key_page="https://platform.openai.com/api-keys",
    ),
    Provider(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        "claude-haiku-4-5",
        200_000,
        json_output=TOLD,
        effort=BUDGET,
        protocol=MESSAGES,
        key_page="https://console.anthropic.com/settings/keys",
    ),
    Provider(
        "google",
        "Google",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "gemini-2.5-flash",
        1_000_000,
        effort=GOOGLE,
        key_page="https://aistudio.google.com/apikey",
    ),
    Provider(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        "mistral-small-latest",
        128_000,
        reports_usage=False,
        most_pictures=8,  # https://docs.mistral.ai/capabilities/vision
        key_page="https://console.mistral.ai/api-keys",
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "openrouter/auto",
        128_000,
        effort=OPENROUTER,
        names_modalities=True,  # https://openrouter.ai/docs/features/multimodal/image-generation
        key_page="https://openrouter.ai/settings/keys",
    ),
    Provider(
        "perplexity",
        "Perplexity",
        "https://api.perplexity.ai",
        "sonar",
        128_000,
        has_tools=False,  # it searches by itself
        reports_usage=False,  # unasked, it does
        key_page="https://www.perplexity.ai/settings/api",
    ),
    Provider("ollama", "Ollama", "http://127.0.0.1:11434/v1", "", 4096, is_local=True, has_key=False),
    Provider(
        "custom",
        "Custom server",
        "",
        "",
        8192,
        reports_usage=False,
        effort=TEMPLATE,
    ),
)

EMBEDDED = PROVIDERS[0]


def provider_variables() -> list[Variable]:
    """Return what a person may set for providers, in the order of the table."""
    return [variable for row in PROVIDERS for variable in row.variables]


@dataclass
class Dialect:
    """What a server has taught us of the requests for one model, by refusing other words.

    `token_limit` is the parameter that ends an answer, empty where none was sent yet; `efforts` tell which of an
    effort's forms was taken; `wants_thoughts` tells that it wants thoughts with every call of a tool.
    """

    token_limit: str = ""
    efforts: dict[str, int] = field(default_factory=dict)
    wants_thoughts: bool = False


@dataclass(frozen=True)
class Endpoint:
    """Where one request goes: a provider with its address, key and model settled."""

    provider: Provider
    base_url: str
    model_name: str
    context_window: int
    timeout_s: float
    key: str = field(repr=False)
    dialect: Dialect = field(default_factory=Dialect, repr=False, compare=False)

    @property
    def prompt_limit(self) -> int:
        """Return how many tokens a request may hold, so that an answer still fits behind it."""
        return self.context_window - min(self.context_window // 4, 4096)


@dataclass(frozen=True)
class ModelList:
    """The models a provider serves (id -> context window, None where it does not say), or why that is not known."""

    context_windows: dict[str, int | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class LocalState:
    """How far a model on this machine is, and about how much memory it takes.

    `waits_for` is the model whose answers have to end first; "" for none.
    """

    is_running: bool
    is_loading: bool
    memory_bytes: int
    waits_for: str = ""
