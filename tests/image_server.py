"""A scripted server that makes images as well: `/images/generations` and `/images/edits`, as OpenAI publishes them."""

import base64
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.scripted_replies import Reply, Request
from tests.scripted_server import ScriptedServer
from tests.speech_server import SpeechHandler


def picture(colour: str = "red", size: tuple[int, int] = (64, 64), kind: str = "PNG") -> bytes:
    """Return a picture of one colour."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@dataclass
class ImageReply:
    """What the next request gets: a row for each image, or an error; `rows` stand in for what would come."""

    status: int = 200
    message: str = ""
    code: str = ""
    retry_after_s: float | None = None
    delay_s: float = 0.0
    rows: list[Any] | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""


class ImageHandler(SpeechHandler):
    """Serves what is about images, and leaves the rest to the scripted server."""

    server: "ImageServer"  # type: ignore[assignment]

    def do_POST(self) -> None:
        """Serve a request."""
        self.asked = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, {})
        if self.path.startswith("/files/"):
            self._send_file(*self.server.files[self.path.removeprefix("/files/")])
        elif "/images/" in self.path:
            self._serve_images()
        else:
            super().do_POST()

    do_GET = do_POST

    def _serve_images(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"] or 0))
        is_form = self.headers["Content-Type"].startswith("multipart/")
        self.asked.body = _as_text(self._form(data)) if is_form else json.loads(data)
        self.server.image_requests.append(self.asked)
        reply = next(self.server.image_replies, ImageReply())
        try:
            self._pause_until(time.monotonic() + reply.delay_s)
        except ConnectionError:
            self.asked.stamp("closed")
            self.close_connection = True
            return
        if reply.status == 200:
            count = int(self.asked.body.get("n", 1))
            rows = self.server.rows(count) if reply.rows is None else reply.rows
            body = reply.body or json.dumps({"created": 1, "data": rows, "usage": reply.usage}).encode()
            self._send_file("application/json", body)
        else:
            self._send_error(reply)

    def _send_error(self, reply: ImageReply) -> None:
        body = json.dumps({"error": {"message": reply.message, "code": reply.code, "type": "image_error"}}).encode()
        retry = () if reply.retry_after_s is None else (("Retry-After", f"{reply.retry_after_s:g}"),)
        self._send_head(reply.status, ("Content-Type", "application/json"), ("Content-Length", str(len(body))), *retry)
        self.wfile.write(body)

    def _send_file(self, media_type: str, data: bytes) -> None:
        self._send_head(200, ("Content-Type", media_type), ("Content-Length", str(len(data))))
        self.wfile.write(data)


def _as_text(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a form's fields; the image stays bytes."""
    return {name: value if name == "image" else value.decode() for name, value in fields.items()}


class ImageServer(ScriptedServer):
    """Makes pictures of one colour each, and talks as the scripted server does."""

    def __init__(self, port: int = 0) -> None:
        self.image_requests: list[Request] = []
        self.image_replies: Iterator[ImageReply] = iter(())
        self.files: dict[str, tuple[str, bytes]] = {}  # media type and bytes by name
        self._colours = iter(("red", "green", "blue", "yellow", "purple", "orange") * 20)
        super().__init__(port)
        self.RequestHandlerClass = ImageHandler

    def rows(self, count: int) -> list[dict[str, str]]:
        """Return as many new images as were asked for."""
        return [{"b64_json": base64.b64encode(picture(next(self._colours))).decode()} for _ in range(count)]

    def script_images(self, *replies: ImageReply) -> None:
        """Queue what the next requests for images get."""
        self.image_replies = iter(replies)

    def reset(self) -> None:
        """Forget the queues and the records."""
        super().reset()
        self.image_requests.clear()
        self.image_replies = iter(())


__all__ = ["ImageReply", "ImageServer", "Reply", "picture"]
