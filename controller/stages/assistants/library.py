"""Where assistants are kept: a person's own beside the conversation file, unless the settings say where."""

from controller.resources import Resources
from model.assistants.store import AssistantStore


def assistant_store(resources: Resources) -> AssistantStore:
    return resources.get(_build)


def _build(resources: Resources) -> AssistantStore:
    file = resources.settings.conversations_file
    name = "assistants/own" if file.stem == "conversations" else f"{file.stem}.assistants"
    allowed_file = file.with_name(f"{file.name}.allowed.json")
    return AssistantStore(resources.settings.assistants_dir or file.parent / name, allowed_file)
