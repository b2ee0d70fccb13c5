"""The one list of stages: Home, the pages, the README and the tests read it.

A new stage is a controller, a view, a page, their tests, and one row here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from controller.chat.controller import ChatController
from controller.resources import Resources
from controller.stages.suggestions import SUGGESTIONS, Suggestion
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.chat.options import Options
from model.errors import InputError
from settings import Settings

NONE = "none"  # what a conversation names that shall have none of them
JSON = "json_mode"  # the one part that is a form of the answer and no tool
IMAGES, VOICE = "images", "voice"
SENSES = (IMAGES, VOICE)  # no tools either: what the box takes, and how the answer comes


@dataclass(frozen=True)
class FilePassage:
    """A passage of a file, and where in it it stands."""

    file: str
    place: str
    text: str


@dataclass(frozen=True)
class AnswerExtra:
    """What a stage draws under answers on every page, once a tool or a detail of a step has this name."""

    left_by: str
    draw: str

    def load(self) -> Callable[[Message], None]:
        found: Callable[[Message], None] = load_named(self.draw)
        return found


class Loadable:
    """What a row names: a controller that is imported once it is needed, so that a list of rows costs nothing."""

    controller: str
    forgets_with: str  # the function that forgets what it kept beside conversations that are gone

    @property
    def controller_class(self) -> type[ChatController]:
        found: type[ChatController] = load_named(self.controller)
        return found

    def build_controller(self, resources: Resources) -> ChatController:
        return self.controller_class(resources)


@dataclass(frozen=True)
class StagePart(Loadable):
    """An ability without a page of its own, which a stage has and others may put together with theirs."""

    slug: str
    title: str
    adds: str
    icon: str
    controller: str
    page: str = ""  # where it is looked after, if anywhere
    forgets_with: str = ""
    finds_with: str = ""  # the function that finds, with the settings, for which parts it stands; "" for itself


@dataclass(frozen=True)
class Stage(Loadable):
    """One row: its view is named, not imported, either."""

    number: int
    slug: str
    title: str
    adds: str
    icon: str
    view: str
    controller: str
    suggestions: tuple[Suggestion, ...]
    has_memory: bool = True
    has_tools: bool = False
    is_composed: bool = False  # of other stages
    answer_extra: AnswerExtra | None = None
    starts_with: str = ""  # the function that begins what the stage does by itself, once a person's services are built
    begins_with: str = ""  # the function that returns the conversation of a question that names none
    forgets_with: str = ""  # the function that forgets what it kept beside conversations that are gone
    connects_with: str = ""  # the function that tells, in a few words, which service it asks
    searches_with: str = ""  # the function that finds what files say about something
    parts: tuple[StagePart, ...] = ()

    @property
    def page(self) -> str:
        return f"pages/{self.number}_{self.title.replace(' ', '_')}.py"


def load_named(path: str) -> Any:
    """Return what a row names."""
    module_name, _, name = path.rpartition(".")
    return getattr(import_module(module_name), name)


STAGES = (
    Stage(
        1,
        "simple_chatbot",
        "Simple Chatbot",
        "One question, one streamed answer. It forgets each question once it is answered.",
        ":material/chat_bubble:",
        "view.stages.simple_chatbot.SimpleChatbotView",
        "controller.stages.simple_chatbot.SimpleChatController",
        SUGGESTIONS["simple_chatbot"],
        has_memory=False,
    ),
    Stage(
        2,
        "chatbot_with_memory",
        "Chatbot With Memory",
        "It remembers what was said; every conversation is saved, and can be found, branched, exported and deleted.",
        ":material/forum:",
        "view.stages.chatbot_with_memory.ChatbotWithMemoryView",
        "controller.stages.chatbot_with_memory.MemoryController",
        SUGGESTIONS["chatbot_with_memory"],
    ),
    Stage(
        3,
        "web_search",
        "Web Search",
        "It searches your question on the internet before it answers, and names its sources.",
        ":material/travel_explore:",
        "view.stages.web_search.WebSearchView",
        "controller.stages.web_search.controller.WebSearchController",
        SUGGESTIONS["web_search"],
        has_tools=True,
        connects_with="controller.stages.web_search.client.web_service",
    ),
    Stage(
        4,
        "documents",
        "Documents",
        "Drop in documents, and get answers that name the page.",
        ":material/description:",
        "view.stages.documents.DocumentsView",
        "controller.stages.documents.controller.DocumentsController",
        SUGGESTIONS["documents"],
        has_tools=True,
        searches_with="controller.stages.documents.searching.search_files",
    ),
    Stage(
        5,
        "images",
        "Images",
        "You send a picture, or a document with pictures in it, and it tells you about them.",
        ":material/image:",
        "view.stages.images.ImagesView",
        "controller.stages.images.ImagesController",
        SUGGESTIONS["images"],
    ),
    Stage(
        6,
        "run_code",
        "Run Code",
        "The assistant writes and runs Python in a sandbox: you see the code, can change it and run it yourself.",
        ":material/terminal:",
        "view.stages.run_code.page.RunCodeView",
        "controller.stages.run_code.controller.RunCodeController",
        SUGGESTIONS["run_code"],
        has_tools=True,
        answer_extra=AnswerExtra("run_code", "view.stages.run_code.results.draw_results"),
    ),
    Stage(
        7,
        "assistants",
        "Assistants",
        "Build your own assistants, each for one purpose: with instructions, starters, tools and documents.",
        ":material/support_agent:",
        "view.stages.assistants.page.AssistantsView",
        "controller.stages.assistants.controller.AssistantsController",
        SUGGESTIONS["assistants"],
        has_tools=True,
        is_composed=True,
    ),
    Stage(
        8,
        "image_generation",
        "Image Generation",
        "It creates images from a prompt or the conversation: at a server, or drawn here with shapes and charts.",
        ":material/palette:",
        "view.stages.image_generation.page.ImageGenerationView",
        "controller.stages.image_generation.controller.ImageGenerationController",
        SUGGESTIONS["image_generation"],
        has_tools=True,
        answer_extra=AnswerExtra("pictures", "view.stages.image_generation.thumbnail.draw_pictures"),
        connects_with="controller.stages.image_generation.client.image_service",
    ),
    Stage(
        9,
        "voice",
        "Voice",
        "It understands what you say, and answers aloud while it is still writing.",
        ":material/mic:",
        "view.stages.voice.page.VoiceView",
        "controller.stages.voice.controller.VoiceController",
        SUGGESTIONS["voice"],
        connects_with="controller.stages.voice.service.voice_service",
    ),
    Stage(
        10,
        "json_mode",
        "JSON Mode",
        "Get answers as JSON that matches your schema: for one question, or for a whole table.",
        ":material/data_object:",
        "view.stages.json_mode.page.JsonModeView",
        "controller.stages.json_mode.controller.JsonController",
        SUGGESTIONS["json_mode"],
        forgets_with="controller.stages.json_mode.batches.forget_batches",
    ),
    Stage(
        11,
        "all_together",
        "All Together",
        "Everything on one page: tools with a switch for each, files, pictures, speech and assistants.",
        ":material/all_inclusive:",
        "view.stages.all_together.page.AllTogetherView",
        "controller.stages.all_together.AllTogetherController",
        SUGGESTIONS["all_together"],
        has_tools=True,
        is_composed=True,
        parts=(
            StagePart(
                "connections",
                "Connections",
                "It uses the tools of MCP servers, which a file names: mcp.json.",
                ":material/hub:",
                "controller.stages.connections.controller.ConnectionController",
                page="pages/95_Connections.py",
                finds_with="controller.stages.connections.parts.find_servers",
            ),
        ),
    ),
    Stage(
        12,
        "log",
        "Log",
        "It lives with you from day to day: a chat for each day, your calendar, and what was said long ago.",
        ":material/auto_stories:",
        "view.stages.log.page.LogView",
        "controller.stages.log.controller.LogController",
        SUGGESTIONS["log"],
        has_tools=True,
        is_composed=True,
        starts_with="controller.stages.log.closing.begin_closing",
        begins_with="controller.stages.log.diary.todays_conversation",
        forgets_with="controller.stages.log.files.forget_days",
        answer_extra=AnswerExtra("calendar_undo", "view.stages.log.undo.draw_undo"),
        connects_with="controller.stages.log.calendar.calendars.calendar_service",
        parts=(
            StagePart(
                "calendar",
                "Calendar",
                "It looks into your calendar, and writes into it once you have said yes.",
                ":material/calendar_month:",
                "controller.stages.log.calendar.controller.CalendarController",
            ),
            StagePart(
                "long_term_memory",
                "Memory",
                "It remembers what was said in all conversations, and facts that you want it to keep.",
                ":material/psychology:",
                "controller.stages.log.memory.controller.RecallController",
                page="pages/93_Memory.py",
                forgets_with="controller.stages.log.memory.recall.forget_passages",
            ),
            StagePart(
                "wikipedia",
                "Wikipedia",
                "It looks things up in Wikipedia, and names article, section and revision.",
                ":material/menu_book:",
                "controller.stages.wikipedia.controller.WikipediaController",
            ),
            StagePart(
                "ask_the_web",
                "Ask the web",
                "Perplexity searches the web and answers, with sources; it needs PERPLEXITY_API_KEY.",
                ":material/public:",
                "controller.stages.ask_the_web.controller.AskTheWebController",
            ),
        ),
    ),
)


def stage(slug: str) -> Stage:
    return next(row for row in STAGES if row.slug == slug)


def find_stage(name: str) -> Stage:
    """Return the stage that a person or a program names, with dashes, underscores or spaces. Raises: InputError."""
    slug = name.strip().lower().replace("-", "_").replace(" ", "_")
    found = next((row for row in STAGES if row.slug == slug), None)
    if found is None:
        raise InputError(f"There is no stage “{name[:80]}”.", f"Take one of: {', '.join(row.slug for row in STAGES)}.")
    return found


def controller_of(slug: str | None) -> type[ChatController] | None:
    """Return the class of a stage's controller; None for a stage that is no longer there."""
    return next((row.controller_class for row in STAGES if row.slug == slug), None)


def start_stages(services: Any) -> None:
    """Let each stage begin what it does by itself; `services` are a person's (`controller/services.py`)."""
    for row in STAGES:
        if row.starts_with:
            load_named(row.starts_with)(services)


def new_conversation(stage: Stage, services: Any) -> Conversation:
    """Return the conversation in which a person's question goes that names none."""
    found: Conversation = load_named(stage.begins_with)(services) if stage.begins_with else Conversation()
    return found


def forget_deleted(resources: Resources, is_kept: Callable[[str], bool]) -> None:
    """Let each stage, and each part of one, forget what it kept beside conversations that are gone."""
    for row in (*STAGES, *stage_parts()):
        if row.forgets_with:
            load_named(row.forgets_with)(resources, is_kept)


def search_files(resources: Resources, files: Sequence[Attachment], words: str) -> list[FilePassage]:
    """Return what files say about something, the best passages first. Raises: BnaError when none can be read."""
    search = next((row.searches_with for row in STAGES if row.searches_with), "")
    found: list[FilePassage] = load_named(search)(resources, files, words) if search else []
    return found


def services_asked(resources: Resources) -> dict[str, str]:
    """Return, by the titles of stages, which service each asks now, beside the one that answers."""
    return {row.title: load_named(row.connects_with)(resources) for row in STAGES if row.connects_with}


def stage_parts() -> list[StagePart]:
    """Return the parts of all stages."""
    return [part for row in STAGES for part in row.parts]


_FINDERS: dict[str, Callable[[], list[StagePart]]] = {}


def find_parts(settings: Settings) -> None:
    """Let parts that stand for others look with these settings from now on."""
    for part in stage_parts():
        if part.finds_with:
            _FINDERS[part.slug] = load_named(part.finds_with)(settings)


def abilities() -> list[Stage | StagePart]:
    """Return what assistants and stage 11 put together: stages, and the parts of stages."""
    stages = [row for row in STAGES if (row.has_tools or row.slug in (JSON, *SENSES)) and not row.is_composed]
    parts = [part for part in stage_parts() if not part.finds_with]
    return [*stages, *parts, *(found for find in _FINDERS.values() for found in find())]


def ability(slug: str) -> Stage | StagePart:
    return next(row for row in abilities() if row.slug == slug)


def switches() -> list[Stage | StagePart]:
    """Return what stage 11 has a switch for; pictures and speech are always on there."""
    return [row for row in abilities() if row.slug not in SENSES]


def chosen_abilities(options: Options) -> list[str]:
    """Return the slugs of the abilities that a conversation names, in the order of the list, without unknown ones."""
    return [row.slug for row in abilities() if row.slug in options.tools]


def switched_on(options: Options) -> list[str]:
    """Return the slugs of stage 11's switches that are on: those named, else all stages' but JSON's, and no parts'."""
    is_on = options.tools or [row.slug for row in switches() if isinstance(row, Stage) and row.slug != JSON]
    return [row.slug for row in switches() if row.slug in is_on]
