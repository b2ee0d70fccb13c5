"""The tools that make and edit images at a server: what a model is told of them, and what it gets back.

The model never gets an image, only a sentence that names it.
"""

from functools import partial
from typing import Any

from controller.llm.providers import Providers
from controller.stages.image_generation.client import FETCH_TIMEOUT_S, TIMEOUT_S, ImageRequest, Made, make_images
from controller.stages.image_generation.workspace import PictureWorkspace, show_pictures
from controller.tools.tool import Tool, ToolContext, as_tool_failures
from model.pictures.commands import EDIT, MAKE, MAX_COUNT, QUALITIES, SIZES
from model.pictures.picture import Picture
from model.providers.provider import Endpoint
from utils.pictures.decode import as_png
from utils.text.untrusted import harmless
from utils.threads.jobs import ticking

MAX_PROMPT_CHARS = 4_000
MAX_WORDING_CHARS = 600
_OPTIONS = {
    "size": {"type": "string", "enum": list(SIZES)},
    "quality": {"type": "string", "enum": list(QUALITIES), "description": "auto unless the person wishes otherwise"},
    "count": {"type": "integer", "minimum": 1, "maximum": MAX_COUNT},
}
_MAKE = "Make images from a description, such as photos, paintings and logos. It takes up to two minutes."
_EDIT = "Make another form of an image. The old one stays. Images in this conversation: "


def image_tools(providers: Providers, endpoint: Endpoint, workspace: PictureWorkspace) -> list[Tool]:
    make, edit = partial(_make, providers, endpoint, workspace), partial(_edit, providers, endpoint, workspace)
    prompt = {"type": "string", "minLength": 1, "maxLength": MAX_PROMPT_CHARS}
    wanted = {"prompt": {**prompt, "description": "all that is to be seen, and in which style"}, **_OPTIONS}
    changed = {
        "image": {"type": "string", "description": "its name"},
        "prompt": {**prompt, "description": "what shall be different"},
        **_OPTIONS,
    }
    names = ", ".join(workspace.names) or "none yet"
    timeout_s = MAX_COUNT * (TIMEOUT_S + FETCH_TIMEOUT_S)
    return [
        Tool(MAKE, "Make images", _MAKE, {"properties": wanted, "required": ["prompt"]}, make, timeout_s),
        Tool(
            EDIT,
            "Edit an image",
            f"{_EDIT}{names}.",
            {"properties": changed, "required": ["image", "prompt"]},
            edit,
            timeout_s,
        ),
    ]


def _make(
    providers: Providers,
    endpoint: Endpoint,
    workspace: PictureWorkspace,
    context: ToolContext,
    arguments: dict[str, Any],
) -> str:
    """Make images, show them, and return a sentence that names them.

    Raises: ProviderError, ToolFailed, StoreUnwritable.
    """
    request = _request(arguments)
    with ticking(context.progress, f"making {_counted(request.count)}…"):
        made = make_images(providers, endpoint, request, context.stop)
    pictures = [_picture(workspace, endpoint, request, each) for each in made]
    show_pictures(context, pictures)
    return pictures_as_text(pictures, request.count)


def _edit(
    providers: Providers,
    endpoint: Endpoint,
    workspace: PictureWorkspace,
    context: ToolContext,
    arguments: dict[str, Any],
) -> str:
    """Make another form of an image, show it, and return a sentence that names it.

    Raises: ProviderError, ToolFailed, StoreError.
    """
    name = arguments["image"]
    with as_tool_failures():
        request = _request(arguments, as_png(workspace.bytes_of(name)))
    with ticking(context.progress, f"changing {name}…"):
        made = make_images(providers, endpoint, request, context.stop)
    pictures = [_picture(workspace, endpoint, request, each, name) for each in made]
    show_pictures(context, pictures)
    return pictures_as_text(pictures, request.count)


def _request(arguments: dict[str, Any], image: bytes = b"") -> ImageRequest:
    """Return what is wanted; what a model has made up beside that is left out."""
    known = {name: arguments[name] for name in ("prompt", *_OPTIONS) if name in arguments}
    return ImageRequest(**known | {"count": int(known.get("count", 1))}, image=image)  # JSON may call it 2.0


def _picture(
    workspace: PictureWorkspace, endpoint: Endpoint, request: ImageRequest, made: Made, edited_from: str = ""
) -> Picture:
    came = made.picture
    file = workspace.put("image", came.ending, came.data)
    return workspace.add(
        Picture(
            file.sha256,
            file.name,
            came.media_type,
            file.size_bytes,
            came.width_px,
            came.height_px,
            request.prompt,
            _wording(made, request),
            edited_from,
            endpoint.model_name,
            "" if request.quality == QUALITIES[0] else request.quality,
            made.cost_usd,
        )
    )


def pictures_as_text(pictures: list[Picture], count: int) -> str:
    names = " and ".join(picture.name for picture in pictures)
    by = f" with {pictures[0].model_name}" if pictures and pictures[0].model_name else ""
    source = f" from {pictures[0].edited_from}" if pictures and pictures[0].edited_from else ""
    missing = f" Only {len(pictures)} of {count} came." if len(pictures) < count else ""
    return f"Made {names or 'nothing'}{source}{by}.{missing}"


def _wording(made: Made, request: ImageRequest) -> str:
    """Return what the model made of the prompt, where that is something else."""
    wording = " ".join(harmless(made.wording).split())[:MAX_WORDING_CHARS]
    return "" if wording == request.prompt else wording


def _counted(count: int) -> str:
    return "an image" if count == 1 else f"{count} images"
