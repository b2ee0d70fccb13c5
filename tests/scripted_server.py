"""A scripted OpenAI-compatible server: real HTTP, a queue of replies, and a record of the requests.

    with ScriptedServer() as server:
        server.script(Reply("Hello there", tokens_per_s=50), Reply(status=429, retry_after_s=2))
        client = OpenAI(base_url=server.base_url, api_key="x", max_retries=0)  # Groq: base_url=server.root_url
        assert server.wait_for_request(1).body["messages"][-1]["content"] == "Hi"
With the queue empty it answers `server.default_reply`.
For another process: `python -m tests.scripted_server --port 9999`, with GET /record, POST /script, POST /reset.
"""

import argparse
import contextlib
import json
import math
import select
import socket
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from tests import scripted_messages
from tests.scripted_messages import refusal_of
from tests.scripted_replies import Json, Reply, Request, split_tokens
from tests.waiting import PATIENCE_S

__all__ = ["Reply", "Request", "ScriptedServer"]


class Handler(BaseHTTPRequestHandler):
    """Answer one connection's requests, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "ScriptedServer"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def handle(self) -> None:
        """Serve until either side leaves."""
        self.server.connections.add(self.connection)
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_POST(self) -> None:
        """Serve a request, with either method."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
        self.asked = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        route = self.path.partition("?")[0].removeprefix("/openai")
        if route == "/v1/chat/completions":
            reply = self.server.admit(self.asked)
            refusal = self.server.refuses(self.asked.body)
            self._serve_chat(Reply(status=400, error_message=refusal) if refusal else reply)
        elif route == "/v1/messages":
            reply = self.server.admit(self.asked)
            refusal = refusal_of(self.asked.body, self.asked.headers) or self.server.refuses(self.asked.body)
            self._serve_chat(Reply(status=400, error_message=refusal) if refusal else reply)
        elif route == "/v1/models":
            self._serve_models()
        elif route in ("/record", "/script", "/reset"):
            self._serve_control(route)
        else:
            self._send_json({}, Reply(status=404))

    do_GET = do_POST

    def _serve_models(self) -> None:
        self.server.models_requests.append(self.asked)
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "script"} for name in self.server.models]
        self._send_json({"object": "list", "data": rows}, Reply(status=self.server.models_status))

    def _serve_control(self, route: str) -> None:
        if route == "/script":
            self.server.script(*(Reply(**fields) for fields in self.asked.body))
        elif route == "/reset":
            self.server.reset()
        self._send_json([asdict(request) for request in self.server.requests], Reply())

    def _serve_chat(self, reply: Reply) -> None:
        try:
            self._pause_until(time.monotonic() + reply.delay_s)
            if reply.raw is not None and reply.status == 200:
                self._send_raw(reply, reply.raw)
                return
            send = self._stream if self.asked.body.get("stream") and reply.status == 200 else self._send_whole
            send(reply, "tool_calls" if reply.tool_calls and reply.finish_reason == "stop" else reply.finish_reason)
        except (EOFError, ConnectionError) as error:
            self.close_connection = True
            if isinstance(error, ConnectionError) and not self.server.closing:
                self.asked.stamp("closed")
                self.asked.finished = False
        finally:
            self.asked.ended = True

    def _send_raw(self, reply: Reply, body: bytes) -> None:
        """Send a body as it is, and end it as scripted."""
        self._send_head(200, ("Content-Type", reply.content_type), ("Transfer-Encoding", "chunked"))
        size = max(1, -(-len(body) // reply.raw_pieces))
        for begin in range(0, len(body), size):
            self._send_chunk(body[begin : begin + size])
        self.asked.finished = True
        if reply.raw_end == "whole":
            self.wfile.write(b"0\r\n\r\n")
            return
        self.close_connection = True
        if reply.raw_end == "rubbish":
            self.wfile.write(b"zz no chunk\r\n")
        elif reply.raw_end == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif reply.raw_end == "open":
            self._pause_until(math.inf)
        while reply.raw_end == "alive":
            self._send_chunk(b": still here\n\n")
            self._pause_until(time.monotonic() + 0.02)

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _send_whole(self, reply: Reply, finish_reason: str | None) -> None:
        for _ in self._paced(reply):
            pass
        message = {"role": "assistant", "content": reply.text, "tool_calls": reply.calls() or None}
        if reply.thinking:
            message["reasoning_content"] = reply.thinking
        choice = {"index": 0, "message": message, "finish_reason": finish_reason}
        self.asked.finished = True
        self._send_json(self._completion("", choice, usage=self._usage()), reply)

    def _stream(self, reply: Reply, finish_reason: str | None) -> None:
        self._send_head(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
        if self.asked.path.startswith("/v1/messages"):
            self._stream_messages(reply, finish_reason)
            return
        if reply.leading_role_chunk:
            self._send_delta({"role": "assistant", "content": ""})
        for delta in self._paced(reply):
            self._send_delta(delta)
        self.asked.finished = True  # before the last bytes: the client may look as soon as it has them
        if finish_reason is not None:
            self._send_delta({}, finish_reason)
            if (self.asked.body.get("stream_options") or {}).get("include_usage"):
                self._send_event(json.dumps(self._completion(".chunk", usage=self._usage())))
            self._send_event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _stream_messages(self, reply: Reply, finish_reason: str | None) -> None:
        """Stream an answer as Anthropic does."""
        usage = self.server.cache.usage(self.asked.body)
        self.asked.usage = usage
        self._send_message_event(scripted_messages.begin(usage, self.asked.body["model"]))
        tokens = self._paced(reply)
        for is_token, event in scripted_messages.pieces(reply):
            if is_token:
                next(tokens)
            self._send_message_event(event)
        for _ in tokens:
            pass
        self.asked.finished = True
        if finish_reason is not None:
            self._send_message_event(scripted_messages.ending(finish_reason, self.asked.tokens_sent))
            self._send_message_event({"type": "message_stop"})
        self.wfile.write(b"0\r\n\r\n")

    def _send_message_event(self, event: Json) -> None:
        self._send_chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def _paced(self, reply: Reply) -> Iterator[Json]:
        """Yield each token when it is due, and misbehave as scripted."""
        started_at, rate, deltas = time.monotonic(), reply.tokens_per_s or math.inf, reply.deltas()
        for k, delta in enumerate(deltas):
            self._misbehave(reply, k)
            self._pause_until(started_at + k / rate)
            self.asked.stamp_token()
            yield delta
        self._misbehave(reply, len(deltas))

    def _misbehave(self, reply: Reply, tokens_sent: int) -> None:
        if tokens_sent == reply.malformed_after:
            self._send_event("{not json")
        while tokens_sent == reply.stall_after and not self.server.may_go_on.is_set():
            self._pause_until(time.monotonic() + 0.02)
        if tokens_sent == reply.cut_after:
            raise EOFError("cut here, says the script")

    def _pause_until(self, due_at: float) -> None:
        """Sleep until then; a client says nothing while it waits, so a readable socket means that it left."""
        pause_s = math.inf
        while pause_s > 0:
            pause_s = max(0.0, due_at - time.monotonic())
            if select.select([self.connection], [], [], min(pause_s, 60.0))[0]:
                raise ConnectionAbortedError

    def _usage(self) -> Json:
        prompt, answer = len(split_tokens(json.dumps(self.asked.body.get("messages")))), self.asked.tokens_sent
        return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}

    def _completion(self, suffix: str, *choices: Json, **extra: Json) -> Json:
        head = {"id": "chatcmpl-script", "object": f"chat.completion{suffix}", "created": int(time.time())}
        return {**head, "model": self.asked.body.get("model"), "choices": choices, **extra}

    def _send_delta(self, delta: Json, finish_reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        self._send_event(json.dumps(self._completion(".chunk", choice)))

    def _send_event(self, payload: str) -> None:
        self._send_chunk(f"data: {payload}\n\n".encode())

    def _send_json(self, payload: object, reply: Reply) -> None:
        """Send the payload, or the error that the reply's status asks for."""
        error = reply.error()
        if self.asked.path.startswith("/v1/messages"):
            error = {"type": "error", **error}
        data = json.dumps(payload if reply.status == 200 else error).encode()
        wait = reply.retry_after if reply.retry_after_s is None else f"{reply.retry_after_s:g}"
        retry = (("Retry-After", wait),) if wait else ()
        self._send_head(reply.status, ("Content-Type", "application/json"), ("Content-Length", str(len(data))), *retry)
        self.wfile.write(data)

    def _send_head(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.end_headers()


class ScriptedServer(ThreadingTCPServer):
    """Listen on 127.0.0.1 from the moment it is made until `close()`; port 0 picks a free one."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int = 0, default_reply: Reply | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.root_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.base_url = f"{self.root_url}/v1"
        self.default_reply = default_reply or Reply("This is the scripted answer.")
        self.models = ["scripted-small", "scripted-large"]
        self.models_status = 200
        self.requests: list[Request] = []  # chat completions only
        self.models_requests: list[Request] = []
        self.connections: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.closing = False
        self.may_go_on = threading.Event()  # set by a test, lets what stalls go on
        self.cache = scripted_messages.PromptCache()
        self.refuses: Callable[[Json], str] = lambda _body: ""  # what a request is refused for; it uses up its reply
        self._replies: list[Reply] = []
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def script(self, *replies: Reply) -> None:
        """Queue the next replies."""
        self._replies.extend(replies)

    def reset(self) -> None:
        """Forget the queue and the record."""
        for memory in (self._replies, self.requests, self.models_requests):
            memory.clear()

    def admit(self, request: Request) -> Reply:
        """Record a request and take the reply that is meant for it."""
        with self._lock:
            self.requests.append(request)
            return self._replies.pop(0) if self._replies else self.default_reply

    def wait_for_request(self, n: int = 1, timeout_s: float = PATIENCE_S, *, ended: bool = False) -> Request:
        """Return the n-th request (the first is 1) once it is here, or once nothing more will happen to it."""
        deadline_at = time.monotonic() + timeout_s
        while len(self.requests) < n or self.requests[n - 1].ended < ended:
            if time.monotonic() > deadline_at:
                raise TimeoutError(f"request {n} not seen within {timeout_s} s")
            time.sleep(0.001)
        return self.requests[n - 1]

    def close(self) -> None:
        """Hang up on everyone and stop listening."""
        self.closing = True
        self.shutdown()
        self.server_close()
        for connection in tuple(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def main() -> None:
    """Serve from the command line until interrupted."""
    parser = argparse.ArgumentParser(description="Serve scripted OpenAI-compatible replies.")
    for flag, kind, default in (("port", int, 0), ("tokens-per-s", float, None), ("text-tokens", int, 200)):
        parser.add_argument(f"--{flag}", type=kind, default=default)
    options = parser.parse_args()
    text = " ".join(f"word{k}" for k in range(options.text_tokens))
    with ScriptedServer(options.port, Reply(text, tokens_per_s=options.tokens_per_s)) as server:
        print(server.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
