"""From an endpoint to the two SDKs, made anew for each turn around a line that can be cut: a millisecond or two.

Retries are off: what went wrong is told at once, with a Retry button, not hidden behind a silent wait.
"""

import groq
import openai

from model.providers.provider import Endpoint
from utils.net.client import CancellableClient

# The SDKs refuse an empty key; servers on one's own machine often want none.
NO_KEY = "none"


def build_sdk(endpoint: Endpoint, line: CancellableClient) -> groq.Groq | openai.OpenAI:
    """Return the raw SDK: Groq's for Groq and for the embedded model, OpenAI's for all others."""
    if endpoint.provider.name in ("groq", "embedded"):
        root_url = endpoint.base_url.removesuffix("/openai/v1")
        return groq.Groq(api_key=endpoint.key, base_url=root_url, http_client=line.client, max_retries=0)
    return build_openai(endpoint, line)


def build_openai(endpoint: Endpoint, line: CancellableClient) -> openai.OpenAI:
    """Return OpenAI's SDK for any provider."""
    key = endpoint.key or NO_KEY
    return openai.OpenAI(api_key=key, base_url=endpoint.base_url, http_client=line.client, max_retries=0)
