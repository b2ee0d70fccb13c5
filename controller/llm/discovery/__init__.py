"""Who can answer here: models on this machine (`local_models.py`), and those that providers list (`model_lists.py`)."""

from controller.llm.discovery.local_models import LocalModels
from controller.llm.discovery.model_lists import ModelLists
from controller.llm.providers import Providers
from settings import Settings


def build_providers(settings: Settings) -> Providers:
    return Providers(settings, LocalModels(settings), ModelLists())
