"""The assistants of this process: those that come with bnaGPT, and a person's own."""

from controller.resources import Resources, built_per_person
from model.assistants.store import AssistantStore


@built_per_person
def assistant_store(resources: Resources) -> AssistantStore:
    file = resources.settings.conversations_file
    allowed_file = file.with_name(f"{file.name}.allowed.json")
    return AssistantStore(resources.assistants_folder, allowed_file)
