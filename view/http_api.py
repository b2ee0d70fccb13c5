"""The HTTP API by its published name, `uvicorn view.http_api:app`; all of it is in `view/http/`."""

from typing import Any

from view.http import app as api


def __getattr__(name: str) -> Any:
    return getattr(api, name)
