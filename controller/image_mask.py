"""The part of an image that an edit changes: what a model is told of it, and the mask that says so to the server.

Read next: `utils/picture_area.py`, which makes the mask.
"""

from model.errors import ToolFailed
from model.image_models import family_of
from model.provider import Endpoint
from utils.picture_area import Area, mask_of

AREA = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 100},
    "minItems": 4,
    "maxItems": 4,
    "description": "left, top, right, bottom in percent: only this part changes; leave it out for all of the image",
}


def takes_mask(endpoint: Endpoint | None) -> bool:
    """Tell whether a model can change only a part of an image."""
    return endpoint is not None and family_of(endpoint.model_name).takes_mask


def mask_for(image: bytes, area: Area, endpoint: Endpoint) -> bytes:
    """Return what lets only a part of an image change.

    Raises: ToolFailed when nothing is in that part, or the model takes no masks.
    """
    if not takes_mask(endpoint):
        raise ToolFailed(f"{endpoint.model_name or 'This model'} can't change only a part.", "Leave out the area.")
    if area.is_empty:
        raise ToolFailed("There is nothing in that part.", "Say left, top, right and bottom in percent.")
    return mask_of(image, area)
