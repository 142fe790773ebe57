"""The page of a report in a browser without a network: no word in its console, valid HTML, light and dark."""

import shutil
import subprocess
from pathlib import Path

import html5lib
import numpy as np
import pytest
from PIL import Image

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Truth
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.report import Reported, write_report
from hadviewer.io.sources import ArraySource

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
OFFLINE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--disable-gpu", "--no-sandbox")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything in it."""
    rng = np.random.default_rng(0)
    cube = Cube(ArraySource(rng.random((60, 80, 12), np.float32)), BandSet(12, centres=np.linspace(450, 900, 12)))
    scores = rng.random((60, 80), np.float32)
    scores[20:23, 30:34] = 4
    results = [
        DetectionResult(DetectionRequest(detector=name), scores**power, np.ones(scores.shape, bool), 0.5)
        for power, name in enumerate(("grx", "lrx"), 1)
    ]
    reported = [Reported(f"<{one.request.detector}> & more", one, threshold=0.995) for one in results]
    return write_report(tmp_path_factory.mktemp("page") / "report.html", cube, reported, Truth(scores > 3))


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    return found


def seen(browser: str, page: Path, profile: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [browser, "--headless=new", *OFFLINE, f"--user-data-dir={profile}", "--enable-logging=stderr", *flags]
    return subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)


def test_a_browser_shows_it_without_a_word_in_its_console(browser: str, page: Path, tmp_path: Path) -> None:
    told = seen(browser, page, tmp_path, "--dump-dom")
    assert "CONSOLE" not in told.stderr
    assert "Spectra of object" in told.stdout


def test_a_browser_paints_it_light_and_dark(browser: str, page: Path, tmp_path: Path) -> None:
    grounds = []
    for name, flags in (("light", ()), ("dark", ("--blink-settings=preferredColorScheme=0",))):
        target = tmp_path / f"{name}.png"
        seen(browser, page, tmp_path / name, f"--screenshot={target}", "--window-size=1280,2000", *flags)
        with Image.open(target) as picture:
            grounds.append(picture.convert("RGB").getpixel((4, 4)))
            assert len(picture.convert("RGB").getcolors(1 << 24)) > 50, "pictures and plots are there"
    assert grounds == [(255, 255, 255), (27, 28, 30)]


def test_it_is_valid_html(page: Path) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page.read_text(encoding="utf-8"))
    assert parser.errors == []
