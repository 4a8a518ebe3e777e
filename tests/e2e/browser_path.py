"""Which browser the tests drive: $CHROMIUM, then Playwright's own, then Chromium or Chrome on the PATH.

`python -m tests.e2e.browser_path` prints it; with `--install` it fetches one when there is none.
Playwright's own goes before the distribution's, because a distribution once shipped one that crashed without a screen.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    """The path of a browser that starts, or None."""
    if named := os.environ.get("CHROMIUM"):
        if not _starts(named):
            raise SystemExit(f"$CHROMIUM names {named}, which does not start.")
        return named
    candidates = [_playwrights_own(), *(shutil.which(name) for name in NAMES)]
    return next((path for path in candidates if path and _starts(path)), None)


def install() -> str:
    """The path of a browser, fetched where there is none: the distribution's on Debian as root, else Playwright's."""
    if found := find():
        return found
    if _is_debian() and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    else:
        # Only root may add the system libraries that a bare machine lacks.
        libraries = ["--with-deps"] if sys.platform == "linux" and os.geteuid() == 0 else []
        subprocess.run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], check=True)
    found = find()
    if found is None:
        raise SystemExit(
            "No Chromium could be installed. Install one and name it: CHROMIUM=/path/to/chromium make test"
        )
    return found


def _playwrights_own() -> str | None:
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    default = {"Darwin": "Library/Caches/ms-playwright", "Windows": "AppData/Local/ms-playwright"}
    folder = (
        Path(cache) if cache and cache != "0" else Path.home() / default.get(platform.system(), ".cache/ms-playwright")
    )
    if cache != "0" and not folder.is_dir():
        return None  # spares the start of Playwright's driver
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _starts(path: str) -> bool:
    """Some names on the PATH are only stubs that ask for another package."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and b"hrom" in answer.stdout


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


if __name__ == "__main__":
    path = install() if "--install" in sys.argv[1:] else find()
    if path is None:
        raise SystemExit("No browser found.")
    sys.stdout.write(path + "\n")
