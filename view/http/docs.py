"""The page that tells of the HTTP API, made from its OpenAPI document: plain HTML, without a script.

FastAPI's own pages are scripts from another host, which would see who reads them.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

# The colours of .streamlit/config.toml.
STYLE = """
:root { --paper: #fdfcff; --ink: #211c2e; --link: #6d32cd; --code: #f5f2fa }
@media (prefers-color-scheme: dark) { :root { --paper: #17141f; --ink: #ebe7f4; --link: #bfa3ff; --code: #1f1b2b } }
:root { color-scheme: light dark; background: var(--paper); color: var(--ink) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; font-size: 1.1rem; overflow-wrap: anywhere }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { background: var(--code); padding: .8rem; border-radius: .6rem; overflow-x: auto }
td { vertical-align: top; padding: .15rem 1rem .15rem 0; overflow-wrap: anywhere }
td:first-child { overflow-wrap: normal }
a, b { color: var(--link) }
@media (max-width: 40rem) { td { display: block } td + td { padding: 0 0 .6rem 1rem } }
"""
router = APIRouter()


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Show what the API can do, with examples."""
    document = request.app.openapi()
    about, root = escape(document["info"]["description"]), request.scope.get("root_path", "")
    address = f"{request.url.scheme}://{request.url.netloc}"  # which has its port, and the name behind a proxy
    body = "".join(
        section(document, address, f"{root}{path}", method, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    )
    links = f'<p><a href="{escape(root)}/openapi.json">openapi.json</a> tells the same to programs.</p>'
    head = f'<meta name="viewport" content="width=device-width"><title>bnaGPT over HTTP</title><style>{STYLE}</style>'
    return HTMLResponse(
        f'<!doctype html><html lang="en">{head}<h1>bnaGPT over HTTP</h1><p>{about}</p>{links}{body}</html>'
    )


def section(document: dict[str, Any], address: str, path: str, method: str, told: dict[str, Any]) -> str:
    """Return what one operation is told of; examples ask the server at this address."""
    title = f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2><p>{escape(told.get('description', ''))}</p>"
    rows = [(row["name"], row["schema"].get("description", ""), row["schema"]) for row in told.get("parameters", [])]
    example = ""
    if body := told.get("requestBody"):
        schema = resolved(document, body["content"]["application/json"]["schema"])
        rows += [(name, one.get("description", ""), one) for name, one in schema.get("properties", {}).items()]
        sent = json.dumps(example_of(schema), ensure_ascii=False)
        example = f"<pre>curl {escape(address + path)} --json '{escape(sent)}'</pre>"
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(about)} {escape(limits_of(one))}</td></tr>"
        for name, about, one in rows
    )
    return f"{title}{example}<table>{cells}</table>" if cells else f"{title}{example}"


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference names."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def example_of(schema: dict[str, Any]) -> Any:
    """Return an example of what a schema asks for: its own, else the least that is needed."""
    if examples := schema.get("examples"):
        return examples[0]
    needed = schema.get("required", [])
    return {name: (schema["properties"][name].get("examples") or [""])[0] for name in needed}


def limits_of(schema: dict[str, Any]) -> str:
    """Return what a value may be."""
    return " ".join(_limits(schema))


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    if choices := [str(value) for value in schema.get("enum") or schema.get("examples", []) if value]:
        such_as = ", ".join(choices)
        yield f"Such as: {such_as}" if such_as.endswith("?") else f"Such as: {such_as}."
    if schema.get("default"):
        yield f"Default: {schema['default']}."
    if "maxLength" in schema:
        yield f"Up to {schema['maxLength']:,} characters."
