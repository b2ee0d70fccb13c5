"""A scripted Google: OAuth with PKCE, Drive and Calendar over real HTTP, as its reference tells; faults on request.

    with GoogleServer() as google:
        google.fail("/upload/", 503, retry_after="0")
        Settings.from_env(google.environ)
What it has taken in stands in `files`, `events`, `tokens` and `requests`.
"""

import base64
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

DRIVE = "https://www.googleapis.com/auth/drive.file"
CALENDAR = "https://www.googleapis.com/auth/calendar.events"
Json = dict[str, Any]


@dataclass
class Fault:
    """What is answered once in place of what should be: a status, or a cut after so many bytes of the body."""

    path: str
    status: int = 0
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int = -1


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class GoogleServer(ThreadingHTTPServer):
    """Google, for one client and one account."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.lock = threading.RLock()
        self.email = "ann@example.org"
        self.granted = f"{DRIVE} {CALENDAR}"  # the boxes that the person ticks
        self.refuses = False  # whether the person says no
        self.picked = ""  # which folder they pick
        self.codes: dict[str, Json] = {}
        self.refresh_tokens: dict[str, str] = {}  # and what each is good for
        self.access_tokens: dict[str, str] = {}
        self.revoked: list[str] = []
        self.files: dict[str, Json] = {}
        self.sessions: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.faults: list[Fault] = []
        self.requests: list[Asked] = []
        self.changes = 0

    def __enter__(self) -> "GoogleServer":
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "GOOGLE_CLIENT_ID": "client-1",
            "GOOGLE_CLIENT_SECRET": "client-secret-1",
            "GOOGLE_AUTH_URL": f"{self.url}/auth",
            "GOOGLE_TOKEN_URL": f"{self.url}/token",
            "GOOGLE_REVOKE_URL": f"{self.url}/revoke",
            "GOOGLE_API_URL": self.url,
        }

    def fail(
        self, path: str, status: int = 0, reason: str = "", cut_after: int = -1, method: str = "", **headers: str
    ) -> None:
        """Fail the next request whose path has this in it."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(path, status, reason, told, cut_after))

    def end_tokens(self) -> None:
        """Take no access token any more; refresh tokens stay good."""
        self.access_tokens.clear()

    def end_account(self) -> None:
        """Take no token any more, as after a change of the password."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()

    def uploaded(self) -> dict[str, bytes]:
        """Return what was uploaded and is not in the bin, by its name; two of one name are a mistake."""
        found = [one for one in self.files.values() if "data" in one and not one.get("trashed")]
        assert len({one["name"] for one in found}) == len(found)
        return {one["name"]: one["data"] for one in found}

    def consent(self, address: str) -> dict[str, str]:
        """Do what the person does at the address, and return what they are sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {name: values[0] for name, values in parse_qs(urlsplit(self.allow(asked)).query).items()}

    def allow(self, asked: dict[str, str]) -> str:
        """Return where the person is sent back."""
        assert asked["client_id"] == "client-1" and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and asked["access_type"] == "offline"
        told = {"state": asked["state"]}
        if self.refuses:
            told["error"] = "access_denied"
        else:
            scopes = " ".join(one for one in asked["scope"].split() if one in self.granted.split())
            told["code"] = uuid.uuid4().hex
            self.codes[told["code"]] = {**asked, "scope": scopes}
            if asked.get("trigger_onepick") == "true" and self.picked:
                told["picked_file_ids"] = self.picked
        return f"{asked['redirect_uri']}?{urlencode(told)}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: GoogleServer

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _serve(self) -> None:
        place = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(place.query).items()}
        length = int(self.headers["Content-Length"] or 0)
        fault = next((one for one in self.server.faults if one.path in self.path), None)
        if fault:
            self.server.faults.remove(fault)
        is_cut = fault is not None and fault.cut_after >= 0
        body = self.rfile.read(min(length, fault.cut_after) if fault and is_cut else length)
        self.server.requests.append(Asked(self.command, self.path, dict(self.headers.items()), body))
        with self.server.lock:
            if is_cut:
                self._take(unquote(place.path), body)
                self.close_connection = True
                self.connection.close()
                return
            if fault:
                self._fail(fault.status, fault.reason, fault.headers)
                return
            self._route(unquote(place.path), body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _route(self, path: str, body: bytes) -> None:
        if path == "/auth":
            self._send(302, b"", {"Location": self.server.allow(self.query)})
        elif path == "/token":
            self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        elif path == "/revoke":
            token = parse_qs(body.decode())["token"][0]
            self.server.revoked.append(token)
            self.server.refresh_tokens.pop(token, None)
            self.server.access_tokens.clear()
            self._json({})
        elif path.startswith("/session/"):
            self._take(path, body, answers=True)
        elif not self._may(DRIVE if "/drive/" in path else CALENDAR):
            pass
        elif path.startswith("/calendar/v3/calendars/primary/events"):
            self._calendar(path.removeprefix("/calendar/v3/calendars/primary/events").strip("/"), body)
        elif path == "/drive/v3/about":
            self._json({"user": {"emailAddress": self.server.email}})
        elif path.startswith("/drive/v3/files"):
            self._drive(path.removeprefix("/drive/v3/files").strip("/"), body)
        elif path.startswith("/upload/drive/v3/files"):
            self._begin_upload(path.removeprefix("/upload/drive/v3/files").strip("/"), body)
        else:
            self._fail(404, "notFound")

    def _may(self, scope: str) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.server.access_tokens:
            self._fail(401, "authError")
            return False
        if scope not in self.server.access_tokens[token]:
            self._fail(403, "insufficientPermissions")
            return False
        return True

    def _token(self, form: dict[str, str]) -> None:
        if (form.get("client_id"), form.get("client_secret")) != ("client-1", "client-secret-1"):
            self._json({"error": "invalid_client"}, 401)
            return
        answer: Json = {"token_type": "Bearer", "expires_in": 3599}
        if form["grant_type"] == "authorization_code":
            code = self.server.codes.pop(form["code"], None)
            hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
            if not code or code["code_challenge"] != challenge or code["redirect_uri"] != form["redirect_uri"]:
                self._json({"error": "invalid_grant"}, 400)
                return
            answer["scope"] = code["scope"]
            answer["refresh_token"] = f"refresh-{uuid.uuid4().hex}"
            self.server.refresh_tokens[answer["refresh_token"]] = code["scope"]
        elif form["refresh_token"] not in self.server.refresh_tokens:
            self._json({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
            return
        else:
            answer["scope"] = self.server.refresh_tokens[form["refresh_token"]]
        answer["access_token"] = f"access-{uuid.uuid4().hex}"
        self.server.access_tokens[answer["access_token"]] = answer["scope"]
        self._json(answer)

    def _drive(self, file_id: str, body: bytes) -> None:
        files = self.server.files
        if file_id == "generateIds":
            self._json({"ids": [uuid.uuid4().hex]})
        elif file_id:
            self._json(_shown(files[file_id])) if file_id in files else self._fail(404, "notFound")
        elif self.command == "POST":
            told = json.loads(body)
            if told["id"] in files:
                self._fail(409, "fileIdInUse")
                return
            files[told["id"]] = told
            self._json({"id": told["id"]})
        else:
            query = self.query["q"]
            kind = re.search(r"mimeType = '([^']*)'", query)
            mark = re.search(r"key='(\w+)' and value='(\w+)'", query)
            found = [
                one
                for one in files.values()
                if not one.get("trashed")
                and (kind is None or one.get("mimeType") == kind[1])
                and (mark is None or one.get("appProperties", {}).get(mark[1]) == mark[2])
            ]
            begin = int(self.query.get("pageToken", "0"))
            more = {"nextPageToken": str(begin + 2)} if len(found) > begin + 2 else {}
            self._json({"files": [_shown(one) for one in found[begin : begin + 2]], **more})

    def _begin_upload(self, file_id: str, body: bytes) -> None:
        told, files = json.loads(body), self.server.files
        assert self.query["uploadType"] == "resumable"
        if self.command == "POST":
            if told["id"] in files:
                self._fail(409, "fileIdInUse")
                return
        elif file_id not in files:
            self._fail(404, "notFound")
            return
        session = f"/session/{uuid.uuid4().hex}"
        about = {**files.get(file_id, {}), **told, "mimeType": self.headers["X-Upload-Content-Type"]}
        self.server.sessions[session] = {"about": {"id": file_id, **about}, "data": b""}
        self._send(200, b"", {"Location": self.server.url + session})

    def _take(self, path: str, body: bytes, answers: bool = False) -> None:
        session = self.server.sessions.get(path)
        if session is None:
            self._fail(404, "notFound")
            return
        told = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", self.headers["Content-Range"])
        assert told
        if told[1]:
            assert int(told[1]) == len(session["data"])
            session["data"] += body
        if len(session["data"]) == int(told[3]):
            about = session["about"]
            self.server.files[about["id"]] = {**about, "data": session["data"]}
            if answers:
                self._json({"id": about["id"]})
        elif answers:
            data = session["data"]
            self._send(308, b"", {"Range": f"bytes=0-{len(data) - 1}"} if data else {})

    def _calendar(self, rest: str, body: bytes) -> None:
        event_id, _, what = rest.partition("/")
        told = json.loads(body) if body else {}
        events = self.server.events
        if what == "instances":
            wanted = self.query["originalStart"]
            day = datetime.fromisoformat(wanted) if "T" in wanted else date.fromisoformat(wanted)
            rows = [one for one in self._instances(events[event_id]) if _moment(one["originalStartTime"]) == day]
            self._json({"items": rows})
        elif event_id:
            self._event(event_id, told)
        elif self.command == "POST":
            if told["id"] in events:
                self._fail(409, "duplicate")
                return
            self._keep(told["id"], {"status": "confirmed", **told})
        else:
            begin, end = (datetime.fromisoformat(self.query[name]) for name in ("timeMin", "timeMax"))
            rows = [one for event in list(events.values()) for one in self._instances(event)]
            rows = [one for one in rows if _at(one["end"]) > begin and _at(one["start"]) < end]
            first = int(self.query.get("pageToken", "0"))
            more = {"nextPageToken": str(first + 50)} if len(rows) > first + 50 else {}
            rows.sort(key=lambda one: _at(one["start"]))
            self._json({"items": rows[first : first + 50], **more})

    def _event(self, event_id: str, told: Json) -> None:
        event = self.server.events.get(event_id) or self._virtual(event_id)
        match = self.headers.get("If-Match", "")
        if event is None:
            self._fail(404, "notFound")
        elif self.command == "GET":
            self._json(event)
        elif match and match != event["etag"]:
            self._fail(412, "conditionNotMet")
        elif self.command == "DELETE":
            if event["status"] == "cancelled":
                self._fail(410, "deleted")
                return
            self._keep(event_id, {**event, "status": "cancelled"}, answers=False)
            self._send(204, b"", {})
        else:
            merged = {**event, **told}
            for name in ("start", "end"):
                if name in told:
                    merged[name] = {key: value for key, value in told[name].items() if value is not None}
            self._keep(event_id, {name: value for name, value in merged.items() if value is not None})

    def _keep(self, event_id: str, event: Json, answers: bool = True) -> None:
        for name in ("start", "end"):
            event[name] = {key: value for key, value in event[name].items() if value is not None}
        self.server.changes += 1
        event = {name: value for name, value in event.items() if value is not None}
        self.server.events[event_id] = {**event, "id": event_id, "etag": f'"{self.server.changes}"'}
        if answers:
            self._json(self.server.events[event_id])

    def _instances(self, event: Json) -> Iterator[Json]:
        """Yield the times at which an event happens; of rules only FREQ=WEEKLY with INTERVAL and COUNT is known."""
        if event["status"] == "cancelled" or "recurringEventId" in event:
            if event["status"] != "cancelled":
                yield event
            return
        if not (rules := event.get("recurrence")):
            yield event
            return
        rule = dict(part.split("=") for part in rules[0].removeprefix("RRULE:").split(";"))
        assert rule["FREQ"] == "WEEKLY"
        for number in range(int(rule.get("COUNT", "20"))):
            by = timedelta(weeks=number * int(rule.get("INTERVAL", "1")))
            start, end = (_moved(event[name], by) for name in ("start", "end"))
            event_id = f"{event['id']}_{_at(start):%Y%m%dT%H%M%SZ}"
            if event_id not in self.server.events:
                more = {"recurringEventId": event["id"], "originalStartTime": start, "etag": event["etag"][:-1] + 'i"'}
                one = {**event, "id": event_id, "start": start, "end": end, **more}
                one.pop("recurrence")
                yield one

    def _virtual(self, event_id: str) -> Json | None:
        master = self.server.events.get(event_id.partition("_")[0])
        return next((one for one in self._instances(master) if one["id"] == event_id), None) if master else None

    def _fail(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        error = {"code": status, "message": f"It is {reason}.", "errors": [{"reason": reason}]}
        self._send(status, json.dumps({"error": error}).encode(), headers or {})

    def _json(self, answer: Json, status: int = 200) -> None:
        self._send(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _shown(file: Json) -> Json:
    return {"trashed": False, **{name: value for name, value in file.items() if name != "data"}}


def _moment(told: Json) -> date:
    return datetime.fromisoformat(told["dateTime"]) if "dateTime" in told else date.fromisoformat(told["date"])


def _at(told: Json) -> datetime:
    moment = _moment(told)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.astimezone(UTC)


def _moved(told: Json, by: timedelta) -> Json:
    """Return a time later, at the same local time: an occurrence does not move with the clocks."""
    from zoneinfo import ZoneInfo

    if "date" in told:
        return {"date": (date.fromisoformat(told["date"]) + by).isoformat()}
    zone = ZoneInfo(told["timeZone"])
    local = datetime.fromisoformat(told["dateTime"]).astimezone(zone)
    return {**told, "dateTime": (local + by).isoformat()}


if __name__ == "__main__":
    import sys

    GoogleServer(int(sys.argv[1])).serve_forever()
