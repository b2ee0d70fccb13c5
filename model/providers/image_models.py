"""Image models: what each family takes, and what its images cost.

Sources: https://platform.openai.com/docs/api-reference/images and https://platform.openai.com/docs/pricing, as of
2026-07-24. A model that is in no row is asked as LocalAI and stable-diffusion.cpp want it, and
its price is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ImageFamily:
    """Models whose names begin alike.

    `sizes` and `qualities` translate our words; a quality that is not there is not sent. `most` is how many images one
    request may ask for, and `takes_format` whether it may say in which form they are to come.
    """

    begin: str = ""
    sizes: Mapping[str, str] = field(default_factory=dict)
    qualities: Mapping[str, str] = field(default_factory=dict)
    most: int = 4
    takes_format: bool = True

    def size_of(self, size: str, quality: str) -> str:
        """Return a size in pixels, such as 1024x1024; unknown servers draw a quarter of that at low quality."""
        if quality == "low" and not self.qualities:
            return SMALL[size]
        return self.sizes[size]


SMALL = {"square": "512x512", "wide": "768x512", "tall": "512x768"}
_LARGE = {"square": "1024x1024", "wide": "1536x1024", "tall": "1024x1536"}
OTHER = ImageFamily(sizes=_LARGE)
FAMILIES = (
    ImageFamily(
        "gpt-image",
        _LARGE,
        {"low": "low", "medium": "medium", "high": "high"},
        takes_format=False,
    ),
    ImageFamily(
        "dall-e-3",
        {"square": "1024x1024", "wide": "1792x1024", "tall": "1024x1792"},
        {"low": "standard", "medium": "standard", "high": "hd"},
        most=1,
    ),
    ImageFamily("dall-e-2", dict.fromkeys(SMALL, "1024x1024")),
)

# US dollars per million tokens: text that goes in, images that go in, images that come out.
_TOKEN_PRICES = {"gpt-image-1": (5.0, 10.0, 40.0), "gpt-image-1-mini": (2.0, 2.5, 8.0)}
# US dollars per image, by model, size in pixels and quality.
_IMAGE_PRICES = {
    ("dall-e-3", "1024x1024", "standard"): 0.04,
    ("dall-e-3", "1792x1024", "standard"): 0.08,
    ("dall-e-3", "1024x1792", "standard"): 0.08,
    ("dall-e-3", "1024x1024", "hd"): 0.08,
    ("dall-e-3", "1792x1024", "hd"): 0.12,
    ("dall-e-3", "1024x1792", "hd"): 0.12,
    ("dall-e-2", "1024x1024", "standard"): 0.02,
}


def family_of(model_name: str) -> ImageFamily:
    return next((family for family in FAMILIES if model_name.startswith(family.begin)), OTHER)


def cost_by_tokens(model_name: str, usage: Mapping[str, object]) -> float | None:
    """Return what a request cost by the tokens that it tells of; None where it or the price is not known."""
    prices, details = _TOKEN_PRICES.get(model_name), usage.get("input_tokens_details")
    counts = details if isinstance(details, dict) else {}
    tokens = (counts.get("text_tokens"), counts.get("image_tokens", 0), usage.get("output_tokens"))
    if prices is None or not all(isinstance(count, int) for count in tokens):
        return None
    return sum(count * price for count, price in zip(tokens, prices, strict=True) if isinstance(count, int)) / 1e6


def cost_by_image(model_name: str, size: str, quality: str) -> float | None:
    """Return what one image costs by its size and quality; None where that is not known."""
    return _IMAGE_PRICES.get((model_name, size, quality or "standard"))
