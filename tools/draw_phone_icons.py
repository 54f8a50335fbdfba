"""Draws the phone's PNG icons from their SVG: `python tools/draw_phone_icons.py`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "frontend" / "apps" / "field" / "public"
# (drawing, pixels, file): sizes that Chromium asks of an installable page, and iOS's own.
ICONS = (
    ("icon.svg", 192, "icon-192.png"),
    ("icon.svg", 512, "icon-512.png"),
    ("icon-mask.svg", 512, "icon-mask-512.png"),
    ("icon-mask.svg", 180, "icon-180.png"),
)


def draw() -> None:
    found = subprocess.run(
        [ROOT / "make" / "find-chromium"], check=True, capture_output=True, text=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for drawing, pixels, name in ICONS:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            svg = (FOLDER / drawing).read_text()
            page.set_content(
                f"<style>*{{margin:0;display:block}}svg{{width:{pixels}px}}</style>{svg}"
            )
            page.screenshot(path=str(FOLDER / name), omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    draw()
