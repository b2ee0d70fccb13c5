"""The browser of the browser tests: find one, or install one.

    python tests/install_browser.py

A Chrome or Chromium that is there already is used as it is, so this is quick the second time. Else Debian's
package is installed where we may do so, else the one that Playwright downloads. Where all of that fails the
browser tests are skipped, unless CI=true: a build server must not leave them out unnoticed.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = ("Google Chrome", "Chromium")
PLAYWRIGHT_CACHES = (".cache", "Library/Caches", "AppData/Local")
PLAYWRIGHT_PROGRAMS = ("chrome", "chrome.exe", "Chromium", "Google Chrome for Testing")
# A browser without a screen, without a sandbox (root has none) and without requests of its own.
LAUNCH_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)
APT_INSTALL = ("apt-get", "install", "-y", "chromium")


@functools.cache
def find_browser() -> str | None:
    """Return the path of a Chrome or Chromium that starts; None where there is none."""
    return next(filter(starts, candidates()), None)


def candidates() -> Iterator[str]:
    """Yield where a browser may be: on the PATH, among the Mac's applications, in Playwright's own folder."""
    yield from filter(None, map(shutil.which, NAMES))
    yield from (f"/Applications/{app}.app/Contents/MacOS/{app}" for app in MAC_APPS)
    for cache in PLAYWRIGHT_CACHES:
        for folder in sorted(Path.home().glob(f"{cache}/ms-playwright/chromium-*"), reverse=True):
            yield from (str(path) for path in folder.rglob("*") if path.name in PLAYWRIGHT_PROGRAMS and path.is_file())


def starts(path: str) -> bool:
    """Return whether a browser runs at all: Ubuntu's `chromium-browser` may be only a note to install a snap."""
    if os.name == "nt":
        return Path(path).is_file()  # chrome.exe --version opens a window
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> None:
    """Try each way to get a browser until there is one."""
    for command in ways():
        print("Browser for the tests:", *command, flush=True)
        subprocess.run(command)
        find_browser.cache_clear()
        if find_browser():
            return


def ways() -> Iterator[tuple[str, ...]]:
    """Yield commands that may bring a browser; the package list is fetched only when it was too old or missing."""
    if may_use_apt():
        yield APT_INSTALL
        yield "apt-get", "update"
        yield APT_INSTALL
    yield sys.executable, "-m", "playwright", "install", "chromium"


def may_use_apt() -> bool:
    """Return whether this is Debian and we are root; Ubuntu's package of that name is a snap."""
    release = Path("/etc/os-release")
    return release.is_file() and "\nID=debian\n" in release.read_text() and os.geteuid() == 0


if __name__ == "__main__":
    if not find_browser():
        install()
    print("Browser for the tests:", find_browser() or "none, so the tests that need one are skipped")
    sys.exit(os.environ.get("CI") == "true" and not find_browser())
