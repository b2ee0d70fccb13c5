"""Connections whose requests never become whole: they are closed, so that whoever dribbles bytes holds nothing.

A head that stays half sent reaches no ASGI app, and what is left of a body that nobody reads doesn't, either. uvicorn
has no limit for them and no setting, and Streamlit starts it. So its protocol is watched from its own callbacks.
"""

import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SLOWEST_HEAD_S = 30.0
SLOWEST_REST_S = 40.0  # later than the gate answers
SLOWEST_BYTES_PER_S = 20_000  # a large request has as much more time
LARGEST_HEAD_BYTES = 256_000
LONGEST_UNREAD_S = 300.0  # of an answer; a player that is paused reads nothing for a while
_WATCH, _UNREAD = "_bnagpt_watch", "_bnagpt_unread"


class _Watch:
    """The alarm of one connection."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self.protocol = protocol
        self.head_bytes = 0
        self.is_in_head = True
        self.until_s = protocol.loop.time() + SLOWEST_HEAD_S
        self.alarm = protocol.loop.call_at(self.until_s, self.ring)

    def head_is_whole(self) -> None:
        """Wait for the rest of the request."""
        self.is_in_head = False
        self.alarm.cancel()
        self.until_s = self.protocol.loop.time() + SLOWEST_REST_S
        self.alarm = self.protocol.loop.call_at(self.until_s, self.ring)

    def take(self, count: int) -> None:
        """Take note of bytes that have come."""
        if not self.is_in_head:
            self.until_s += count / SLOWEST_BYTES_PER_S
        elif (head_bytes := self.head_bytes + count) > LARGEST_HEAD_BYTES:
            self.protocol.transport.abort()
        else:
            self.head_bytes = head_bytes

    def ring(self) -> None:
        """Close the connection if its time is over."""
        now_s = self.protocol.loop.time()
        if self.protocol.flow.read_paused:  # we are the slow ones
            self.until_s = max(self.until_s, now_s + 1)
        if now_s < self.until_s:
            self.alarm = self.protocol.loop.call_at(self.until_s, self.ring)
        else:
            self.protocol.transport.abort()


def watch_connections() -> None:
    """Give up slow requests in all servers of this process, once it has been called."""
    if not hasattr(HttpToolsProtocol, _WATCH):
        setattr(HttpToolsProtocol, _WATCH, None)
        setattr(HttpToolsProtocol, _UNREAD, None)
        _also("pause_writing", _wait_for_reader)
        _also("resume_writing", _has_read)
        _also("connection_made", lambda protocol, _transport: _begin(protocol))
        _also("on_message_begin", _begin)
        _also("on_headers_complete", lambda protocol: _watch(protocol).head_is_whole())
        _also("on_message_complete", _end)
        _also("connection_lost", lambda protocol, _error: _end(protocol))
        _also("connection_lost", lambda protocol, _error: _has_read(protocol))
        _also("data_received", lambda protocol, data: _watch(protocol) and _watch(protocol).take(len(data)))
        logging.getLogger("uvicorn.error").addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Take the traceback off what is a client's fault, and told by a code: text over a WebSocket that is no UTF-8."""
    if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.exc_info = None
    return True


def _also(name: str, what: Callable[..., Any]) -> None:
    """Let something be done after a callback of the protocol; it gets the protocol, and what the callback gets."""
    before = getattr(HttpToolsProtocol, name)

    def both(self: HttpToolsProtocol, *given: Any) -> None:
        before(self, *given)
        what(self, *given)

    setattr(HttpToolsProtocol, name, both)


def _watch(protocol: HttpToolsProtocol) -> Any:
    return getattr(protocol, _WATCH)


def _begin(protocol: HttpToolsProtocol) -> None:
    _end(protocol)
    setattr(protocol, _WATCH, _Watch(protocol))


def _wait_for_reader(protocol: HttpToolsProtocol) -> None:
    """Give up a client that takes nothing of its answer any more; what is written for it fills memory."""
    _has_read(protocol)
    setattr(protocol, _UNREAD, protocol.loop.call_later(LONGEST_UNREAD_S, protocol.transport.abort))


def _has_read(protocol: HttpToolsProtocol) -> None:
    if alarm := getattr(protocol, _UNREAD):
        alarm.cancel()
        setattr(protocol, _UNREAD, None)


def _end(protocol: HttpToolsProtocol) -> None:
    if watch := _watch(protocol):
        watch.alarm.cancel()
        setattr(protocol, _WATCH, None)
