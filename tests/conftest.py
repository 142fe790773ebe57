"""What all tests share: where the real files for tests lie."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real scenes and files: $HADVIEWER_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("HADVIEWER_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the real data are not here; HADVIEWER_DATA names their folder")
    return folder


@pytest.fixture(scope="session")
def scenes(data_dir: Path) -> Path:
    """Benchmark scenes in MATLAB files."""
    return data_dir / "scenes"


@pytest.fixture(scope="session")
def samples(data_dir: Path) -> Path:
    """Real files of many formats."""
    return data_dir / "samples"


@pytest.fixture
def workbench(qtbot: "QtBot", tmp_path: Path) -> "Iterator[Callable[[], Workbench]]":
    """Opens the whole program with settings of its own; afterwards nothing of it is left running."""
    from PyQt6.QtWidgets import QApplication

    from hadviewer.engine.settings import SettingsStore
    from hadviewer.gui.theme import Theme
    from hadviewer.gui.workbench import Workbench

    opened: list[Workbench] = []
    SettingsStore(tmp_path / "settings.json").update(ask_to_save=False)
    palette, style = QApplication.palette(), QApplication.style()
    style_name = style.name() if style is not None else ""

    def make() -> Workbench:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        bench = Workbench(SettingsStore(tmp_path / "settings.json"), Theme(application, "light"))
        opened.append(bench)
        qtbot.addWidget(bench.window)
        bench.show()
        qtbot.waitUntil(lambda: bench.complete)
        return bench

    yield make
    for bench in opened:
        bench.window.close()
        bench.close()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setStyleSheet("")
    application.setStyle(style_name)
    application.setPalette(palette)
