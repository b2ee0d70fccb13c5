"""What all pages of one running app share: settings, providers, the store and the turns under way.

Only what belongs to no one person is here. What a page remembers is in `view/state.py`.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

import streamlit as st

from controller.changes import Changes
from controller.providers import Providers
from controller.titles import Titles
from controller.turns import Turns
from model.errors import BnaError
from model.journal import Journal, adopt_drafts
from model.search_index import SearchIndex
from model.store import JsonStore
from settings import Settings


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


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Build the parts once, and mend what a crash has left."""
    # LlamaIndex tells at every turn that OpenAIAgent is deprecated; the versions are pinned for that reason.
    logging.captureWarnings(True)
    settings = Settings.load()
    file = settings.conversations_file
    store = JsonStore(file)
    journal = Journal(file.with_name(f"{file.name}.journal"), store)
    journal.recover()
    adopt_drafts(file.with_name(f"{file.name}.drafts"), store)
    providers = Providers(settings)
    providers.warm()
    index = SearchIndex(file.with_name(f"{file.name}.index"), store)

    def sync() -> None:
        Thread(target=_sync, args=(index,), daemon=True).start()

    sync()
    titles = Titles(providers, store)
    return Services(providers, store, journal, Turns(journal, titles.consider), titles, Changes(store, sync), index)


def _sync(index: SearchIndex) -> None:
    """Take into the index what was said since the last start, and out of it what was deleted."""
    with suppress(BnaError):  # whoever searches is told
        index.sync()
