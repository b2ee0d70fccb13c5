"""A scripted server that hears and speaks as well: `/audio/transcriptions` and `/audio/speech`."""

import json
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from tests.scripted_replies import Reply, Request
from tests.scripted_server import Handler, ScriptedServer
from tests.sounds import music
from utils.local_models.audio import wav


@dataclass(frozen=True)
class SpeechRequest:
    """One request: its route, and its fields; a file's field holds its bytes."""

    route: str
    fields: dict[str, Any]


class SpeechHandler(Handler):
    """Serves what is about sound, and leaves the rest to the scripted server."""

    server: "SpeechServer"

    def do_POST(self) -> None:
        """Serve a request."""
        route = self.path.rpartition("/")[2]
        if "/audio/" not in self.path:
            super().do_POST()
            return
        data = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.asked = Request(self.path, {}, {})
        fields = self._form(data) if route == "transcriptions" else json.loads(data)
        self.server.speech_requests.append(SpeechRequest(route, fields))
        try:
            self._pause_until(time.monotonic() + self.server.delay_s)
        except ConnectionError:
            self.close_connection = True
            return
        if self.server.speech_status != 200 or route == "transcriptions":
            self._send_json({"text": self.server.heard}, Reply(status=self.server.speech_status))
        else:
            self._send_head(200, ("Content-Type", "audio/wav"), ("Content-Length", str(len(self.server.sound))))
            self.wfile.write(self.server.sound)

    do_GET = do_POST

    def _form(self, data: bytes) -> dict[str, Any]:
        """Return the fields of a form; `multipart/form-data` is read as mail is."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: Any = BytesParser(EmailMessage).parsebytes(head + data).get_payload()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts
        }


class SpeechServer(ScriptedServer):
    """Answers `heard` to every recording, and `sound` to every text."""

    def __init__(self, port: int = 0) -> None:
        self.heard = "What is rain?"
        self.sound = wav(music(0.2))
        self.speech_status = 200
        self.delay_s = 0.0
        self.speech_requests: list[SpeechRequest] = []
        super().__init__(port)
        self.RequestHandlerClass = SpeechHandler
