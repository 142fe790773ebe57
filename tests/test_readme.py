"""Every command and every Python example of the README works as it stands there.

Files that the examples speak of without making them (scene.hdr, truth.hdr, scene.mat ...) are copies of the demo scene.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hadviewer.cli import flags
from hadviewer.engine.demo import truth_path, write_demo

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "resources/help/manual.md") if (ROOT / name).is_file()]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INPUT = re.compile(r"(?<![\w./-])[\w-]+\.(?:hdr|mat|npy)\b")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Language and text of every fenced block."""
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found.group(1), found.group(2)


def commands(text: str) -> list[list[str]]:
    """The commands of a block, as words; a line that ends with a backslash goes on in the next."""
    lines = text.replace("\\\n", " ").splitlines()
    return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def folder(tmp_path: Path, demo: Path) -> Path:
    """A folder with every file that the examples of a page need."""
    for page in PAGES:
        for _, text in blocks(page):
            for name in INPUT.findall(text):
                provide(tmp_path / name, demo)
    return tmp_path


def provide(target: Path, demo: Path) -> None:
    """Make a file of this name: the demo cube, or its truth where the name says so."""
    from scipy.io import savemat

    import hadviewer

    source = truth_path(demo) if "truth" in target.stem or "mask" in target.stem else demo
    if target.suffix == ".hdr":
        shutil.copy(source, target)
        shutil.copy(source.with_suffix(".dat"), target.with_suffix(".dat"))
        return
    scene = hadviewer.open(demo, truth=truth_path(demo))
    assert scene.truth is not None
    array = (
        scene.truth.mask.astype(np.uint8) if source != demo else scene.cube.source.read(scene.cube.window, slice(None))
    )
    if target.suffix == ".npy":
        np.save(target, array)
    else:
        savemat(target, {"data": array, "map": scene.truth.mask.astype(np.uint8)})


def run(command: list[str], folder: Path) -> None:
    """Run a command in a folder, off screen and with settings of its own."""
    private = {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(folder / ".config"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ | private, timeout=120
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_works(page: Path, folder: Path) -> None:
    found = [words for language, text in blocks(page) if language == "bash" for words in commands(text)]
    for words in found:
        assert words[0] == "hadviewer", f"only hadviewer is run by this test: {shlex.join(words)}"
        opens_a_window = not words[1:] or words[1] not in flags.COMMANDS
        if opens_a_window and not {"--screenshot", "--version", "--help"} & set(words):
            words = [*words, "--screenshot", "window.png"]
        run([sys.executable, "-m", *words], folder)
    assert found or page.name != "README.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_example_works(page: Path, folder: Path) -> None:
    found = [text for language, text in blocks(page) if language == "python"]
    for text in found:
        run([sys.executable, "-c", text], folder)
    assert found or page.name != "README.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        words[1]
        for lang, text in blocks(page)
        if lang in ("sh", "bash")
        for words in commands(text)
        if words[0] == "make"
    }
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    """Addresses of other places are left out; the manual is shown inside the program, from its own folder."""
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing
