"""`make run WORKERS=4`: several processes of the pages over one PostgreSQL, with nginx in front.

Whoever opens a page stays with one process, by a cookie: what a page remembers is there. All else is shared.
"""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

import typer

from settings import ROOT, Settings

LOOK_S = 0.5  # how often it is looked whether all processes live
COOKIE = "bnagpt_process"
MOST_WORKERS = 64
CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
worker_processes 1;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    server_tokens off;
    client_max_body_size 1100m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_wish {{ default upgrade; "" ""; }}
    map $cookie_{cookie} $process {{ "" $request_id; default $cookie_{cookie}; }}
    map $cookie_{cookie} $new_cookie {{ "" "{cookie}=$request_id; Path=/; HttpOnly; SameSite=Lax"; default ""; }}
    upstream bnagpt {{
        hash $process consistent;
        {servers}
        keepalive 64;
    }}
    server {{
        listen {address}:{port};
        location / {{
            proxy_pass http://bnagpt;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_wish;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1h;
            proxy_send_timeout 1h;
            add_header Set-Cookie $new_cookie;
        }}
    }}
}}
"""


def nginx_config(ports: list[int], port: int, folder: Path, address: str = "127.0.0.1") -> str:
    """Return how nginx shares requests among processes at these ports."""
    servers = "\n        ".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=5s;" for one in ports)
    return CONFIG.format(servers=servers, port=port, folder=folder, address=address, cookie=COOKIE)


def workers_problem(settings: Settings) -> str:
    """Return why several processes can't be started, and what to do; "" where they can."""
    if not settings.database_url or settings.database_file:
        return "Several processes need one PostgreSQL: let DATABASE_URL name it, or leave WORKERS out."
    if not shutil.which("nginx"):
        return (
            "Several processes need nginx in front, and it is not installed. On Debian and Ubuntu: sudo apt install"
            " nginx-light. docs/scale.md shows other ways."
        )
    return ""


def free_ports(count: int) -> list[int]:
    """Return ports on which nobody listens now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Processes:
    """What runs: the workers, each started anew when it has ended, and nginx."""

    def __init__(self, count: int, port: int, folder: Path) -> None:
        ports = free_ports(count)
        config = folder / "nginx.conf"
        config.write_text(nginx_config(ports, port, folder), encoding="utf-8")
        front = ["nginx", "-c", str(config), "-p", str(folder), "-e", "stderr"]
        self._commands = [front, *(worker_command(one) for one in ports)]
        self._running: list[subprocess.Popen[bytes]] = [subprocess.Popen(one, cwd=ROOT) for one in self._commands]

    def look(self) -> None:
        """Start anew what has ended. Raises: typer.Exit where nginx has: its port may be taken."""
        for place, process in enumerate(self._running):
            if process.poll() is not None:
                if place == 0:
                    typer.echo("nginx has ended; what it said stands above. Another PORT may be free.", err=True)
                    raise typer.Exit(1)
                typer.echo(f"Process {place} has ended ({process.returncode}); it is started again.", err=True)
                self._running[place] = subprocess.Popen(self._commands[place], cwd=ROOT)

    def end(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def worker_command(port: int) -> list[str]:
    options = ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true"]
    return [sys.executable, "-m", "streamlit", "run", "Home.py", *options]


def run(
    count: int = typer.Argument(min=1, max=MOST_WORKERS, help="How many processes"),
    port: int = typer.Option(8501, min=1, max=65535, help="Where nginx listens"),
) -> None:
    """Start several processes of the pages, and nginx in front of them."""
    if problem := workers_problem(Settings.load()):
        typer.echo(problem, err=True)
        raise typer.Exit(1)
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="bnagpt-") as folder:
        processes = Processes(count, port, Path(folder))
        typer.echo(f"{count} processes of bnaGPT at http://localhost:{port}; Ctrl-C ends them.")
        try:
            while True:
                processes.look()
                time.sleep(LOOK_S)
        except KeyboardInterrupt:
            pass
        finally:
            processes.end()


def _end(signal_number: int, frame: FrameType | None) -> None:
    del signal_number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(run)
