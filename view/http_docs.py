"""The page that tells of the HTTP API, made from its OpenAPI document: plain HTML, without a script.

FastAPI's own pages are scripts from another host, which would see who reads them.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; accent-color: #6d32cd }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; font-size: 1.1rem; overflow-wrap: anywhere }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { background: #8f63e81a; padding: .8rem; border-radius: .6rem; overflow-x: auto }
td { vertical-align: top; padding: .15rem 1rem .15rem 0 }
b { color: #8f63e8 }
"""
router = APIRouter()


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Show what the API can do, with examples."""
    document = request.app.openapi()
    about, root = escape(document["info"]["description"]), request.scope.get("root_path", "")
    body = "".join(
        section(document, f"{root}{path}", method, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    )
    links = f'<p><a href="{escape(root)}/openapi.json">openapi.json</a> tells the same to programs.</p>'
    head = f'<meta name="viewport" content="width=device-width"><title>bnaGPT over HTTP</title><style>{STYLE}</style>'
    return HTMLResponse(
        f'<!doctype html><html lang="en">{head}<h1>bnaGPT over HTTP</h1><p>{about}</p>{links}{body}</html>'
    )


def section(document: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> str:
    """Return what one operation is told of."""
    title = f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2><p>{escape(told.get('description', ''))}</p>"
    rows = [(row["name"], row["schema"].get("description", ""), row["schema"]) for row in told.get("parameters", [])]
    example = ""
    if body := told.get("requestBody"):
        schema = resolved(document, body["content"]["application/json"]["schema"])
        rows += [(name, one.get("description", ""), one) for name, one in schema.get("properties", {}).items()]
        sent = json.dumps(example_of(schema), ensure_ascii=False)
        example = f"<pre>curl http://127.0.0.1:8000{escape(path)} --json '{escape(sent)}'</pre>"
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(about)} {escape(limits_of(one))}</td></tr>"
        for name, about, one in rows
    )
    return f"{title}{example}<table>{cells}</table>"


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
        yield f"Such as: {', '.join(choices)}."
    if schema.get("default"):
        yield f"Default: {schema['default']}."
    if "maxLength" in schema:
        yield f"Up to {schema['maxLength']:,} characters."
