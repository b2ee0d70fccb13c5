"""What the HTTP API is measured with in `http_streams.py`: an endpoint that streams, and the least relay there is.

    uvicorn benchmarks.http_endpoint:endpoint
    RELAY_TO=http://127.0.0.1:9000 uvicorn benchmarks.http_endpoint:relay

Each token of the endpoint is the time at which it leaves, so whoever gets it knows how long it took.
"""

import asyncio
import json
import os
import time
from typing import Any

import httpx

TOKENS_PER_S = 20.0
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}


async def endpoint(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer each question with as many tokens as its last word says, at 20 tokens a second."""
    if scope["type"] != "http":
        return
    body = json.loads(await _body(receive) or b"{}")
    if not scope["path"].endswith("/chat/completions"):
        await send(HEAD)
        await send({"type": "http.response.body", "body": b'{"object": "list", "data": []}'})
        return
    count, began_at = int(body["messages"][-1]["content"].split()[-1]), time.monotonic()
    await send(HEAD)
    for number in range(count):
        await asyncio.sleep(max(0.0, began_at + number / TOKENS_PER_S - time.monotonic()))
        await send(
            {"type": "http.response.body", "body": _chunk({"content": f" {time.time():.4f}"}), "more_body": True}
        )
    await send({"type": "http.response.body", "body": _chunk({}, "stop") + b"data: [DONE]\n\n"})


async def relay(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pass a request on, and what comes back as it is."""
    if scope["type"] != "http":
        return
    question = json.loads(await _body(receive) or b'{"message": "0"}')["message"]
    body = {"messages": [{"role": "user", "content": question}], "stream": True}
    url = f"{os.environ['RELAY_TO']}/v1/chat/completions"
    async with (
        httpx.AsyncClient(timeout=60, trust_env=False) as client,
        client.stream("POST", url, json=body) as answer,
    ):
        await send(HEAD)
        async for piece in answer.aiter_raw():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _body(receive: Any) -> bytes:
    whole, message = b"", {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        whole += message.get("body", b"")
    return whole


def _chunk(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return f"data: {json.dumps(CHUNK | {'choices': [choice]})}\n\n".encode()
