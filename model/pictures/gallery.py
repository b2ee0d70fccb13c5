"""The gallery: the pictures of all conversations, and the plots that code drew, with where each was made."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

import msgspec

from model.chat.branches import with_parents
from model.chat.message import Message
from model.pictures.picture import DETAIL, Picture, pictures_of
from model.store.protocol import ConversationSummary
from utils.files.names import free_file_name
from utils.text.code_blocks import only_block

FILES = "files"  # where they stand in a step's details
KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
MAX_STEM_CHARS = 60


@dataclass(frozen=True)
class Plot(Picture):
    """A picture that code drew; its size in pixels is not known."""

    width_px: int = 0
    height_px: int = 0

    @property
    def is_image(self) -> bool:
        return False


def all_pictures_in(messages: Iterable[Message]) -> list[Picture]:
    """Return all pictures of a conversation, made ones and plots, oldest first.

    Runs of code use a name again and again. The newest plot has it as it is, as whoever speaks of it means that one;
    older ones get a number.
    """
    messages = list(messages)
    questions = {message.id: message.content for message in messages if message.role == "user"}
    pictures: list[Picture] = []
    for message, parent in with_parents(messages):
        pictures += pictures_of(message.tool_steps)
        pictures += _plots_of(message, questions.get(parent, ""))
    taken = {picture.name for picture in pictures if not isinstance(picture, Plot)}
    for place in reversed(range(len(pictures))):
        if isinstance(plot := pictures[place], Plot):
            pictures[place] = replace(plot, name=_free_name(plot.name, taken))
            taken.add(pictures[place].name)
    return pictures


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that an order can hold, whatever stands in the file."""
    path = PurePath(name)
    ending = path.suffix if re.fullmatch(r"\.\w{1,5}", path.suffix) else ".png"
    return free_file_name(path.stem[:MAX_STEM_CHARS], ending, taken)


def _plots_of(message: Message, question: str) -> Iterator[Plot]:
    """Yield the pictures among the files that a message's steps have left; a row that is none is passed over."""
    for step in message.tool_steps:
        rows = step.details.get(FILES)
        for row in rows if isinstance(rows, list) else []:
            try:
                plot = msgspec.convert(row, Plot)
            except msgspec.ValidationError:
                continue
            if plot.media_type in KINDS:
                prompt = only_block(question) or question
                yield Plot(plot.sha256, plot.name, plot.media_type, plot.size_bytes, prompt=prompt)


MARKS = f'"{DETAIL}"', f'"{FILES}"'  # what stands in the JSON of a conversation that has pictures


@dataclass(frozen=True)
class Hung:
    """A picture, and the conversation that it was made in."""

    picture: Picture
    conversation_id: str
    conversation_name: str


def gallery(found: Iterable[tuple[ConversationSummary, list[Message]]]) -> list[Hung]:
    """Return the pictures of conversations, in each the newest first."""
    return [
        Hung(picture, row.id, row.name) for row, messages in found for picture in reversed(all_pictures_in(messages))
    ]
