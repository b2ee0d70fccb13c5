"""Pictures that came with a model's answer: they are kept, and stand on it as those that a tool has made."""

from collections.abc import Sequence
from uuid import uuid4

from controller.turn import Turn
from model.chat.events import Event, ToolCall, ToolResult
from model.errors import StoreError
from model.pictures.gallery import all_pictures_in
from model.pictures.picture import DETAIL, Picture, free_picture_name
from model.store.protocol import AttachedFiles
from utils.pictures.decode import Received, received

STEP = "picture"
MOST_PROMPT_CHARS = 2000


class ReceivedPictures:
    """The pictures that come with one answer."""

    def __init__(self, turn: Turn, store: AttachedFiles) -> None:
        self._turn = turn
        self._store = store
        self._new: list[Picture] = []  # they stand on the answer a moment later

    def keep(self, data: bytes) -> Sequence[Event]:
        """Keep a picture, and return the events that put it on the answer; none where it is none, or can't be kept."""
        try:
            picture = self._kept(received(data))
        except (ValueError, StoreError):
            return ()
        self._new.append(picture)
        call = ToolCall(f"{STEP}-{uuid4().hex}", STEP, "{}", label=f"Picture {picture.name}")
        # Without a result, no request tells of the step: it came after the request of its own turn.
        return (call, ToolResult(call.id, STEP, "", details={DETAIL: [picture.to_row()]}))

    def _kept(self, came: Received) -> Picture:
        turn = self._turn
        said = [message for message in turn.said if message.id != turn.answer.id]
        name = free_picture_name("image", came.ending, [*all_pictures_in([*said, turn.answer]), *self._new])
        file = self._store.put(name, came.data, turn.is_temporary)
        return Picture(
            *(file.sha256, file.name, came.media_type, file.size_bytes, came.width_px, came.height_px),
            prompt=turn.asked[:MOST_PROMPT_CHARS],
            model_name=turn.endpoint.model_name,
        )
