"""The wire to a server that is a program of this machine: one JSON message a line (MCP, transport “stdio”).

The SDK's own would do but for three things: it hands variables of this process on, it takes lines of any length, and
what a server writes between its messages goes to our terminal.
Source: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, Process
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from controller.stages.connections.config import ServerRow

MOST_LINE_BYTES = 16_000_000
MOST_LINES_PER_S = 1_000
GRACE_S = 2.0  # for a program whose input was closed
# Without these no program finds another, or starts at all on Windows; all else comes from its row.
NEEDED = ("PATH", "SYSTEMROOT", "SystemRoot", "COMSPEC", "PATHEXT")
TOO_LONG = f"It sent more than {MOST_LINE_BYTES // 1_000_000} MB at once, so the connection was closed."
UNREADABLE = "It sent a message that can't be read, so the connection was closed."
Streams = tuple[Any, Any]


@asynccontextmanager
async def stdio_wire(
    row: ServerRow, environment: Mapping[str, str], log: Callable[[str], None], ended: Callable[[str], None]
) -> AsyncIterator[Streams]:
    """Run a server's program, and lend what the SDK reads from and writes to.

    `ended` is told once the program has closed its output, and why, if that is known.
    Raises: OSError when the program can't be started.
    """
    process = await anyio.open_process(
        [row.command, *row.args],
        env={name: environment[name] for name in NEEDED if name in environment} | dict(row.env),
        cwd=row.cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=os.name == "posix",
    )
    to_session, read_stream = anyio.create_memory_object_stream[Any](0)
    write_stream, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read_messages, process, to_session, log, ended)
            tasks.start_soon(_read_errors, process, log)
            tasks.start_soon(_write_messages, process, from_session)
            try:
                yield read_stream, write_stream
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)
                tasks.cancel_scope.cancel()
    finally:
        for stream in (to_session, read_stream, write_stream, from_session):
            stream.close()
        with suppress(Exception):  # its pipes are closed already
            await process.aclose()


async def _read_messages(
    process: Process, to_session: Any, log: Callable[[str], None], ended: Callable[[str], None]
) -> None:
    assert process.stdout
    why = ""
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async with to_session:
            try:
                async for line in _lines(process.stdout):
                    try:
                        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except (ValueError, RecursionError) as error:
                        if b'"jsonrpc"' in line[:1000]:  # whoever waits for it would wait in vain
                            raise ValueError(UNREADABLE) from error
                        log(f"stdout: {line[:200].decode(errors='replace')}")
                        continue
                    await to_session.send(SessionMessage(message))
            except ValueError as error:
                why = str(error)
    ended(why)


async def _read_errors(process: Process, log: Callable[[str], None]) -> None:
    assert process.stderr
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, ValueError):
        async for line in _lines(process.stderr):
            log(line[:500].decode(errors="replace"))


async def _lines(stream: ByteReceiveStream) -> AsyncIterator[bytes]:
    """Yield lines, no more than so many a second: a program may write without end.

    Raises: ValueError for one that is too long.
    """
    pieces: list[bytes] = []
    length, count, second_at = 0, 0, anyio.current_time()
    async for chunk in stream:
        *whole, rest = chunk.split(b"\n")
        for end in whole:
            line, pieces, length = b"".join([*pieces, end]), [], 0
            count += 1
            if count > MOST_LINES_PER_S:
                await anyio.sleep(max(0.0, second_at + 1 - anyio.current_time()))
                count, second_at = 0, anyio.current_time()
            if line.strip():
                yield line
        pieces.append(rest)
        length += len(rest)
        if length > MOST_LINE_BYTES:
            raise ValueError(TOO_LONG)


async def _write_messages(process: Process, from_session: Any) -> None:
    assert process.stdin
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        async with from_session:
            async for told in from_session:
                text = told.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(f"{text}\n".encode())


async def _end(process: Process) -> None:
    """Close a program's input, as the protocol wants it, and end it where it does not end by itself."""
    assert process.stdin
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    for signal_name in ("SIGTERM", "SIGKILL"):
        with anyio.move_on_after(GRACE_S):
            await _exit_of(process)
            return
        kill(process.pid, signal_name)


async def _exit_of(process: Process) -> None:
    while process.returncode is None:  # `wait` waits for the pipes, too, which a child may hold
        await anyio.sleep(0.01)


def kill(pid: int, signal_name: str) -> None:
    """Signal a program and all that it has started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(pid, getattr(signal, signal_name))
        else:
            os.kill(pid, signal.SIGTERM)
