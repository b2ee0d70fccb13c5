"""The composition root: what all views of one running app share is built here, once in a process.

Only what belongs to no one person is here. It knows no screen: all views are built on the same parts.
"""

import gc
import glob
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from threading import Lock, Thread, Timer

from controller.attachments.for_model import FileReader
from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.file_cleanup import FileCleanup
from controller.history.saved_conversations import SavedConversations
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.services import Services
from controller.side_requests.summaries import summarised
from controller.side_requests.titles import Titles
from controller.small_models.policy import SmallModelRules
from controller.stages import forget_deleted, stage
from controller.tokens import count_tokens
from controller.turn import TurnHelpers
from model.chat.message import Message
from model.errors import BnaError
from model.search.index import SearchIndex
from model.store.attachments import AttachmentStore
from model.store.journal import Journal
from model.store.json_store import JsonStore
from settings import Settings
from utils.files.atomic import make_private
from utils.threads.malloc import limit_arenas

# The first index of thousands of conversations takes some seconds; the first page has the machine to itself.
FIRST_PAGE_S = 5.0


def build_services() -> Services:
    """Build the parts, and mend what a crash has left; once in a process."""
    limit_arenas()
    # LlamaIndex tells at every turn that OpenAIAgent is deprecated; the versions are pinned for that reason.
    logging.captureWarnings(True)
    settings = Settings.load()
    file = settings.conversations_file
    providers = build_providers(settings)
    resources = build_resources(providers)
    make_private(*private_paths(resources))
    store = JsonStore(file)
    journal = Journal(file.with_name(f"{file.name}.journal"), store)
    journal.recover()
    Thread(target=warm, args=(providers,), daemon=True).start()
    index = SearchIndex(file.with_name(f"{file.name}.index"), store)
    store.spend(index.make_room)
    sync_later(index, FIRST_PAGE_S)
    titles = Titles(providers, store)
    turns = Turns(journal, titles.consider, titles.make_way)
    titles.is_busy = lambda: bool(turns.running())
    cleanup = FileCleanup(resources, store, [file.with_name(f"{file.name}.journal"), resources.assistants_folder])
    cleanup.sweep_later(2 * FIRST_PAGE_S)

    def forget() -> None:
        sync_later(index)
        forget_deleted(resources, store.has)

    changes = Changes(store, forget, cleanup, journal.recover)
    conversations = SavedConversations(store, journal, index, turns, changes)
    return Services(providers, turns, titles, conversations, changes, resources)


def build_resources(providers: Providers) -> Resources:
    """Build what all conversations share, with all that helps a turn."""
    attachments = AttachmentStore.beside(providers.settings.conversations_file)
    helpers = TurnHelpers(SmallModelRules(), FileReader(attachments), partial(summarised, providers))
    return Resources(providers, attachments, helpers)


def warm(providers: Providers) -> None:
    """Do what the first question would else wait for: LlamaIndex alone takes a second, so no page waits for it."""
    _ = stage("chatbot_with_memory").controller_class  # LlamaIndex with it
    count_tokens(Message("user", "warm"))  # the first count loads the tokenizer
    _pass_over_what_stays()
    providers.warm()


@cache  # once: what a second one would freeze, such as the first one's sessions, would never be freed
def _pass_over_what_stays() -> None:
    """Let collections of garbage pass over what lives now: all of LlamaIndex, 150 ms in which no token is drawn."""
    gc.collect()
    gc.freeze()


def private_paths(resources: Resources) -> list[Path]:
    """Return all files and folders in which something of conversations stands; git and copies make them readable."""
    named = resources.settings.conversations_file
    places = {named, named.resolve()}  # it may be a link
    found = [path for file in places for path in file.parent.glob(f"{glob.escape(file.name)}*")]
    aside = [path for file in places for path in file.parent.glob(f"{glob.escape(file.stem)}.unreadable-*")]
    folders = [resources.attachments.folder, resources.read_folder]
    # A folder that a person has named may be one that they share.
    own = [] if resources.settings.assistants_dir else [resources.assistants_folder]
    return [*found, *aside, *folders, *own]


def built_once(build: Callable[[], Services]) -> Callable[[], Services]:
    """Return what builds the parts at its first call, and returns the same ever after; threads wait for the first."""
    lock, built = Lock(), cache(build)

    def parts() -> Services:
        with lock:
            return built()

    return parts


def sync_later(index: SearchIndex, after_s: float = 0.0) -> None:
    """Take into the index in the background what was said, and out of it what was deleted."""

    def sync() -> None:
        with suppress(BnaError):  # whoever searches is told
            index.sync()

    timer = Timer(after_s, sync)
    timer.daemon = True
    timer.start()
