#!/usr/bin/env python3
"""Take the two pictures of the demo's report, light and dark. Needs chromium and the environment of `make check`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH, HEIGHT = 1180, 1440
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Write images/report-light.png and images/report-dark.png."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "evalgate", "demo", "--to", "demo"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, locale="en")
            page.goto((Path(folder) / "demo" / "candidate.html").as_uri())
            page.screenshot(path=IMAGES / f"report-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
