"""A store over each place where conversations may be kept; what only a file has takes a store of its own."""

import pytest

from model.store.entry_store import EntryStore
from tests.places import Place


@pytest.fixture
def store(place: Place) -> EntryStore:
    return place.open()
