"""Workspace: the pictures of one turn's conversation, found by their names, and new ones kept with what they are of."""

from controller.resources import Resources
from controller.tools.tool import ToolContext
from controller.turn import Turn
from model.chat.message_parts import Attachment
from model.errors import ToolFailed
from model.pictures.gallery import all_pictures_in
from model.pictures.picture import DETAIL, SVG, Picture, free_picture_name
from utils.pictures.svg_clean import Drawing


class PictureWorkspace:
    """Where the tools of one turn keep and find pictures."""

    def __init__(self, resources: Resources, turn: Turn) -> None:
        self.resources = resources
        self._turn = turn
        self._new: list[Picture] = []  # of this turn: they stand on its answer a moment later

    @property
    def pictures(self) -> list[Picture]:
        """Return the pictures of the conversation, plots too, oldest first."""
        said = [message for message in self._turn.said if message.id != self._turn.answer.id]
        return [*all_pictures_in([*said, self._turn.answer]), *self._new]

    @property
    def names(self) -> list[str]:
        """Return the names of all images that can be edited, the newest last."""
        attached = [file.name for file in self._turn.attachments if file.media_type.startswith("image/")]
        return list(dict.fromkeys([*attached, *(each.name for each in self.pictures if not each.is_drawing)]))

    def bytes_of(self, name: str) -> bytes:
        """Return the image with this name, one that was made or one that was attached.

        Raises: ToolFailed when there is none; StoreError when its file can't be had.
        """
        hashes = {file.name: file.sha256 for file in self._turn.attachments if file.media_type != SVG}
        hashes |= {picture.name: picture.sha256 for picture in self.pictures if not picture.is_drawing}
        if name not in hashes:
            known = f"There are: {', '.join(self.names)}." if self.names else "Make or attach one first."
            raise ToolFailed(f"There is no image “{name[:80]}” to edit.", known)
        return self.resources.attachments.path(hashes[name]).read_bytes()

    def put(self, kind: str, ending: str, data: bytes) -> Attachment:
        """Keep a file under a name that is free, and return what refers to it. Raises: StoreUnwritable."""
        name = free_picture_name(kind, ending, self.pictures)
        return self.resources.attachments.put(name, data, self._turn.is_temporary)

    def add(self, picture: Picture) -> Picture:
        """Take a new picture in, so that its name is taken."""
        self._new.append(picture)
        return picture

    def add_drawing(self, drawing: Drawing, kind: str, prompt: str) -> Picture:
        """Keep a drawing that is clean, and return it. Raises: StoreUnwritable."""
        file = self.put(kind, "svg", drawing.svg.encode())
        width_px, height_px = round(drawing.width_px), round(drawing.height_px)
        return self.add(Picture(file.sha256, file.name, SVG, file.size_bytes, width_px, height_px, prompt))


def show_pictures(context: ToolContext, pictures: list[Picture]) -> None:
    """Note the pictures of one call, so that the person sees them."""
    context.show(**{DETAIL: [picture.to_row() for picture in pictures]})
