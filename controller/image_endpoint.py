"""Who makes images: a server of one's own for them, or the provider that has a model for it."""

from controller.providers import Providers
from model.errors import BnaError
from model.provider import Endpoint, Provider

TIMEOUT_S = 120.0
IMAGE_SERVER = Provider(
    "images",
    "Image server",
    "",
    "",
    0,
    key_variable="IMAGE_API_KEY",
    base_url_variable="IMAGE_BASE_URL",
    is_local=True,
)
WHAT_TO_SET = "Put OPENAI_API_KEY=… or IMAGE_BASE_URL=…, a server of your own, into .env and start bnaGPT again."


def image_endpoint(providers: Providers) -> Endpoint | None:
    """Return where images are asked for; None where nothing that makes images is set."""
    values = providers.settings.provider_values
    model_name = values.get("IMAGE_MODEL", "")
    if base_url := values.get("IMAGE_BASE_URL", "").rstrip("/"):
        return Endpoint(IMAGE_SERVER, base_url, model_name, 0, TIMEOUT_S, values.get("IMAGE_API_KEY", ""))
    for provider in dict.fromkeys((providers.default, *providers.configured)):
        # At another address than its own, only what the settings tell is there.
        known = "" if provider.name in providers.moved else provider.image_model
        if (provider.image_model or provider.name == "custom") and (known or model_name):
            return _settled(providers, provider, model_name or known)
    return None


def _settled(providers: Providers, provider: Provider, model_name: str) -> Endpoint | None:
    """Return a provider's endpoint for images; None where it has no key."""
    try:
        found = providers.endpoint(provider, model_name)
    except BnaError:
        return None
    return Endpoint(provider, found.base_url, model_name, 0, TIMEOUT_S, found.key)
