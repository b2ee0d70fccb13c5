"""Several processes of the pages behind nginx: `make run WORKERS=4`."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from settings import ROOT, Settings
from tests.browser.journey import free_port
from tests.places import DatabasePlace, Postgres
from tests.waiting import PATIENCE_S, wait_until
from view.terminal.workers import COOKIE, nginx_config, workers_problem

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
POSTGRES = {"DATABASE_URL": "postgresql://me:secret@db.example.org/chat"}


@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": "sqlite:///conversations.db"}])
def test_without_postgresql_one_sentence_tells_what_is_missing(variables: dict[str, str]):
    assert "need one PostgreSQL" in workers_problem(Settings.from_env(variables))


def test_without_nginx_one_sentence_tells_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert "apt install nginx-light" in workers_problem(Settings.from_env(POSTGRES))
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/sbin/nginx")
    assert workers_problem(Settings.from_env(POSTGRES)) == ""


def test_a_start_that_can_not_be_tells_why_and_ends(tmp_path: Path):
    variables = os.environ | {"CONVERSATIONS_FILE": str(tmp_path / "a.json"), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "view.terminal.workers", "2"]
    ended = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and ended.stderr.startswith("Several processes need one PostgreSQL")


def test_all_processes_are_named_and_a_browser_stays_with_one(tmp_path: Path):
    config = nginx_config([1001, 1002, 1003], 8501, tmp_path)
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", config) == ["1001", "1002", "1003"]
    assert "listen 127.0.0.1:8501;" in config and "hash $process consistent;" in config
    assert f'"{COOKIE}=$request_id; Path=/; HttpOnly; SameSite=Lax"' in config


@needs_nginx
def test_nginx_takes_the_configuration(tmp_path: Path):
    (tmp_path / "nginx.conf").write_text(nginx_config([1001, 1002], free_port(), tmp_path))
    command = ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", "stderr"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


class Site:
    """The command as a person starts it."""

    def __init__(self, folder: Path, address: str) -> None:
        self.port = free_port()
        variables = os.environ | {"CONVERSATIONS_FILE": str(folder / "a.json"), "DATABASE_URL": address}
        command = [sys.executable, "-m", "view.terminal.workers", "2", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=variables)

    def workers(self) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.ZombieProcess):  # it has ended, and is not missed yet
                found += [child] if "streamlit" in child.cmdline() else []
        return found

    def get(self, process: str = "", path: str = "/") -> httpx.Response:
        cookies = {COOKIE: process} if process else {}
        return httpx.get(f"http://localhost:{self.port}{path}", cookies=cookies, trust_env=False, timeout=PATIENCE_S)

    def is_up(self) -> bool:
        """Return whether each process answers, whichever a browser comes to."""
        with suppress(httpx.HTTPError):
            return all(self.get(str(number), "/_stcore/health").is_success for number in range(8))
        return False


@pytest.fixture
def site(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with closing(DatabasePlace(postgres.new_database())) as place:
        running = Site(tmp_path, place.address)
        wait_until(running.is_up, "bnaGPT does not start")
        yield running
        running.process.terminate()
        running.process.wait(PATIENCE_S)


@needs_nginx
def test_two_processes_serve_pages_and_api_one_that_dies_is_started_again_and_all_end_together(site: Site):
    first = site.get()
    assert first.is_success and first.cookies[COOKIE] and COOKIE not in site.get("mine").cookies
    assert site.get(path="/api/").json()["service"] == "bnaGPT"
    before = site.workers()
    assert len(before) == 2
    before[0].kill()
    wait_until(lambda: len(site.workers()) == 2 and before[0].pid not in {one.pid for one in site.workers()})
    wait_until(site.is_up)
    everything = psutil.Process(site.process.pid).children(recursive=True)
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(PATIENCE_S) == 0
    wait_until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in everything))
