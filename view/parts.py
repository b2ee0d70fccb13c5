"""What all views of one running app share: settings, providers, the store and the turns under way.

Only what belongs to no one person is here. It knows no screen: all views are built on the same parts.
"""

import glob
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Timer

from controller.changes import Changes
from controller.keeper import Keeper
from controller.providers import Providers
from controller.titles import Titles
from controller.toolbox import Toolbox
from controller.turns import Turns
from model.errors import BnaError
from model.journal import Journal
from model.search_index import SearchIndex
from model.store import JsonStore
from settings import Settings
from utils.files import make_private
from utils.memory import share_pools

# The first index of thousands of conversations takes some seconds; the first page has the machine to itself.
FIRST_PAGE_S = 5.0


@dataclass(frozen=True)
class Services:
    """The parts of the app that live as long as its process."""

    providers: Providers
    store: JsonStore
    journal: Journal
    turns: Turns
    titles: Titles
    changes: Changes
    index: SearchIndex
    toolbox: Toolbox


def build_services() -> Services:
    """Build the parts, and mend what a crash has left; once in a process."""
    share_pools()
    # LlamaIndex tells at every turn that OpenAIAgent is deprecated; the versions are pinned for that reason.
    logging.captureWarnings(True)
    settings = Settings.load()
    file = settings.conversations_file
    providers = Providers(settings)
    toolbox = Toolbox(settings, providers)
    make_private(*private_paths(toolbox))
    store = JsonStore(file)
    journal = Journal(file.with_name(f"{file.name}.journal"), store)
    journal.recover()
    providers.warm()
    index = SearchIndex(file.with_name(f"{file.name}.index"), store)
    store.spend(index.make_room)
    sync_later(index, FIRST_PAGE_S)
    titles = Titles(providers, store)
    turns = Turns(journal, titles.consider, titles.make_way)
    titles.is_busy = lambda: bool(turns.running())
    keeper = Keeper(toolbox, [file, file.with_name(f"{file.name}.journal"), toolbox.assistants.folder])
    keeper.sweep_later(2 * FIRST_PAGE_S)

    def forget() -> None:
        sync_later(index)
        toolbox.batches.sweep(store.has)

    return Services(
        providers,
        store,
        journal,
        turns,
        titles,
        Changes(store, forget, keeper, journal.recover),
        index,
        toolbox,
    )


def private_paths(toolbox: Toolbox) -> list[Path]:
    """Return all files and folders in which something of conversations stands; git and copies make them readable."""
    named = toolbox.settings.conversations_file
    places = {named, named.resolve()}  # it may be a link
    found = [path for file in places for path in file.parent.glob(f"{glob.escape(file.name)}*")]
    aside = [path for file in places for path in file.parent.glob(f"{glob.escape(file.stem)}.unreadable-*")]
    folders = [toolbox.attachments.folder, toolbox.read_folder]
    # A folder that a person has named may be one that they share.
    own = [] if toolbox.settings.assistants_dir else [toolbox.assistants.folder]
    return [*found, *aside, *folders, *own]


def once(build: Callable[[], Services]) -> Callable[[], Services]:
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
