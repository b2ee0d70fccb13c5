"""The composition root: what all views of one running app are built on, once in a process, and what each person has.

It knows no screen: all views are built on the same parts.
"""

import gc
import glob
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread, Timer
from weakref import WeakMethod

from controller.attachments.for_model import FileReader, message_pictures
from controller.attachments.vision import Vision
from controller.chat.completion import complete_once
from controller.chat.elsewhere.shared_turns import SharedTurns
from controller.chat.summaries import summarised
from controller.chat.titles import Titles
from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.file_cleanup import FileCleanup
from controller.history.saved_conversations import SavedConversations
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.people.account import Account, Holdings
from controller.people.belongings import copies, remove
from controller.people.identity import person_keys, settings_of
from controller.people.profiles import Profiles
from controller.resources import Resources
from controller.services import OWNER, Services
from controller.small_models.policy import SmallModelRules
from controller.stages import find_parts, forget_deleted, stage, start_stages
from controller.tokens import count_tokens
from controller.turn import TurnHelpers
from model.chat.message import Message
from model.errors import BnaError, StoreUnwritable, TurnUnderWay
from model.search.index import SearchIndex
from model.store.attachments import AttachmentStore, SharedAttachments, attachments_folder
from model.store.entry_store import EntryStore
from model.store.journal import Journal
from model.store.json_store import JsonStore
from model.store.protocol import AttachedFiles
from settings import Settings
from utils.files.atomic import make_private
from utils.threads.malloc import limit_arenas
from utils.threads.once import once

# The first index of thousands of conversations takes some seconds; the first page has the machine to itself.
FIRST_PAGE_S = 5.0
MOST_PEOPLE = 100  # whose services are kept ready; the others' are built again in some milliseconds


class RunningApp:
    """A running app: what all people share, and for each person their own services.

    Where nobody signs in there is one person, OWNER.
    """

    def __init__(self) -> None:
        limit_arenas()
        # LlamaIndex tells at every turn that OpenAIAgent is deprecated; the versions are pinned for that reason.
        logging.captureWarnings(True)
        self.settings = Settings.load()
        find_parts(self.settings)
        self.shared = build_resources(build_providers(self.settings))
        self._turns = share_turns(self.settings, WeakMethod(self._leave))
        self._eras: Counter[str] = Counter()
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._lock = Lock()  # held to look somebody up, and no longer: to build services may take a database's time
        Thread(target=warm, args=(self.shared.providers,), daemon=True).start()

    def services_of(self, person: str = OWNER) -> Services:
        """Return a person's services; whoever asks for the same while they are being built waits."""
        with self._lock:
            if person not in self._people:
                self._make_room()
                settings = settings_of(person, self.settings)
                build = partial(build_services, person, settings, self.shared, self._turns)
                self._people[person] = Person(build, self._eras[person])
            self._people.move_to_end(person)
            found = self._people[person]
        return found.services

    def delete_all_of(self, person: str = OWNER) -> Holdings:
        """Delete everything of a person, and return how much that was; their services are built anew afterwards.

        Raises: TurnUnderWay when an answer does not end soon; StoreError when something can't be deleted.
        """
        old = self.services_of(person)
        old.account.stop()
        try:
            return old.account.delete()
        finally:
            self._let_go(person, old)
            self._turns.tell_gone(person)

    def _leave(self, person: str) -> None:
        """Let go of the services of somebody who has deleted everything in another process."""
        with self._lock:
            known = self._people.get(person)
        if known and known.is_built:
            old = known.services
            with suppress(TurnUnderWay):
                old.account.stop()
            old.account.close()
            self._let_go(person, old)
        for path in copies(settings_of(person, self.settings)):  # the other may be another machine
            with suppress(StoreUnwritable):
                remove(path)

    def _let_go(self, person: str, old: Services) -> None:
        """Let go of a person's services, unless others have taken their place."""
        with self._lock:
            if (found := self._people.get(person)) and found.has(old):
                del self._people[person]
                self._eras[person] += 1

    def _make_room(self) -> None:
        """Let go of the services of who was not here for longest, and has no answer coming."""
        for person in list(self._people)[: 1 - MOST_PEOPLE]:
            if not self._people[person].is_busy:
                del self._people[person]


class Person:
    """A person whom the app knows."""

    def __init__(self, build: Callable[[], Services], era: int) -> None:
        self._build, self._era = build, era

    @once
    def services(self) -> Services:
        return replace(self._build(), era=self._era)

    @property
    def is_built(self) -> bool:
        return "services" in vars(self)

    @property
    def is_busy(self) -> bool:
        """Return whether an answer is coming, or the services are still being built."""
        return not self.is_built or bool(self.services.turns.running())

    def has(self, services: Services) -> bool:
        """Return whether these are the person's services now."""
        return vars(self).get("services") is services


def build_services(person: str, settings: Settings, shared: Resources, shared_turns: SharedTurns) -> Services:
    """Build one person's services, and mend what a crash has left; again for somebody who was long not here."""
    providers, store = shared.providers, open_store(settings, person)
    profiles = Profiles(store)
    resources = build_resources(providers, settings, shared, profiles.zone)
    make_private(*private_paths(resources))
    journal = Journal(settings.beside("journal"), store)
    journal.recover()
    index = SearchIndex(settings.beside("index"), store, profiles.zone)
    store.spend(index.make_room)
    sync_later(index, FIRST_PAGE_S)
    titles = Titles(providers, store)
    turns = Turns(journal, titles.consider, titles.make_way, shared_turns.of(person))
    shared_turns.add(person, turns)
    titles.is_busy = resources.is_answering = lambda: bool(turns.running())
    resources.store = store
    cleanup = FileCleanup(resources, store, [settings.beside("journal"), resources.assistants_folder])
    cleanup.sweep_later(2 * FIRST_PAGE_S)

    def forget() -> None:
        sync_later(index)
        forget_deleted(resources, store.has)

    changes = Changes(store, forget, cleanup, journal.recover)
    conversations = SavedConversations(store, journal, index, turns, changes)
    keys = person_keys(shared.settings)
    account = Account(person, profiles, store, index, turns, conversations, resources, keys)
    services = Services(providers, turns, titles, conversations, changes, resources, account)
    start_later(services, FIRST_PAGE_S)
    return services


def build_resources(
    providers: Providers,
    settings: Settings | None = None,
    shared: Resources | None = None,
    zone: Callable[[], tzinfo | None] = lambda: None,
) -> Resources:
    """Build what all conversations of a person share, with all that helps a turn; `zone` is as in `TurnHelpers`."""
    settings = settings or providers.settings
    attachments = open_attachments(settings)
    vision = Vision(providers, partial(message_pictures, attachments), complete_once)
    helpers = TurnHelpers(SmallModelRules(zone), FileReader(attachments, vision), partial(summarised, providers), zone)
    return Resources(settings, providers, attachments, helpers, shared)


def open_store(settings: Settings, person: str = OWNER) -> EntryStore:
    """Return what keeps a person's conversations: a file, or the database that DATABASE_URL names."""
    if not settings.database_url:
        return JsonStore(settings.conversations_file)
    # Only who has a database loads what speaks to one: that takes a second.
    made: EntryStore = import_module("model.store.sql.store").open_sql_store(settings.database_url, person)
    return made


def open_attachments(settings: Settings) -> AttachedFiles:
    """Return what keeps a person's attached files: a folder, or the storage that ATTACHMENTS_URL names."""
    folder = attachments_folder(settings.conversations_file)
    return SharedAttachments(folder, settings.attachments_url) if settings.attachments_url else AttachmentStore(folder)


def share_turns(settings: Settings, leave: WeakMethod[Callable[[str], None]]) -> SharedTurns:
    """Return what tells other processes of turns, where they use one PostgreSQL.

    `leave` lets go of a person who has deleted everything there.
    """
    shared = SharedTurns()
    shared.when_gone = lambda person: (method := leave()) and method(person)
    if settings.database_url and not settings.database_file:
        shared.bus = import_module("model.store.sql.bus").open_bus(settings.database_url, shared)
    return shared


def warm(providers: Providers) -> None:
    """Do what the first question would else wait for: LlamaIndex alone takes a second, so no page waits for it."""
    _ = stage("chatbot_with_memory").controller_class  # LlamaIndex with it
    count_tokens(Message("user", "warm"))  # the first count loads the tokenizer
    if providers.settings.sign_in.kind:  # else the pages tell them
        for problem in providers.problems:
            logging.getLogger(__name__).warning(problem)
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
    found += [path for path in [resources.settings.database_file] if path and path.is_file()]
    # A folder that a person has named may be one that they share.
    own = [] if resources.settings.assistants_dir else [resources.assistants_folder]
    own += [resources.calendar_file] if resources.calendar_file.is_file() else []
    return [*found, *aside, *folders, *own]


def built_once(build: Callable[[], RunningApp]) -> Callable[[], RunningApp]:
    """Return what builds the app at its first call, and returns the same ever after; threads wait for the first."""
    lock, built = Lock(), cache(build)

    def the_app() -> RunningApp:
        with lock:
            return built()

    return the_app


def sync_later(index: SearchIndex, after_s: float = 0.0) -> None:
    """Take into the index in the background what was said, and out of it what was deleted."""

    def sync() -> None:
        with suppress(BnaError):  # whoever searches is told
            index.sync()

    timer = Timer(after_s, sync)
    timer.daemon = True
    timer.start()


def start_later(services: Services, after_s: float) -> None:
    """Let stages begin in the background what they do by themselves."""
    timer = Timer(after_s, start_stages, args=(services,))
    timer.daemon = True
    timer.start()
