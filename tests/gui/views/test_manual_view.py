"""The manual opens at a passage, is searched, and shows pictures of the theme that exist."""

import re
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QColor, QPalette, QTextDocument

from hadviewer.assets import resources
from hadviewer.gui.views.manual_view import ManualPage, ManualWindow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def manual(qtbot: "QtBot") -> ManualWindow:
    manual = ManualWindow()
    qtbot.addWidget(manual)
    manual.present()
    return manual


def listed(manual: ManualWindow) -> list[str]:
    items = [manual.contents.item(number) for number in range(manual.contents.count())]
    return [item.text().strip() for item in items if item is not None and not item.isHidden()]


def test_it_opens_at_the_passage_asked_for(qtbot: "QtBot", manual: ManualWindow) -> None:
    for topic in ("Threshold", "Detect", "Bad bands"):
        manual.present(topic)
        cursor = manual.page.textCursor()
        assert cursor.block().text() == topic
        assert 0 <= manual.page.cursorRect().top() < 40


def test_searching_lists_the_passages_with_the_words_and_goes_round(qtbot: "QtBot", manual: ManualWindow) -> None:
    everything = listed(manual)
    qtbot.keyClicks(manual.search, "Pareto")
    assert listed(manual) == ["Threshold"]
    assert manual.page.textCursor().selectedText() == "Pareto"
    manual.find_next()
    assert manual.page.textCursor().selectedText() == "Pareto"
    manual.search.setText("no such words")
    assert manual.told.text() == "Not found"
    assert listed(manual) == []
    manual.search.clear()
    assert listed(manual) == everything


def test_escape_closes_it(qtbot: "QtBot", manual: ManualWindow) -> None:
    qtbot.keyClick(manual, Qt.Key.Key_Escape)
    assert not manual.isVisible()


def test_every_picture_is_there_in_both_themes() -> None:
    text = (resources() / "help" / "manual.md").read_text(encoding="utf-8")
    names = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert len(names) >= 8
    for name in names:
        for theme in ("light", "dark"):
            path = resources() / "help" / name.replace("-light", f"-{theme}")
            assert path.is_file(), path.name
    kept = {path.name.removesuffix(".png").rpartition("-")[0] for path in (resources() / "help").rglob("*.png")}
    assert kept == {name.rpartition("/")[2].removesuffix("-light.png") for name in names}, "pictures nobody sees"


def test_pictures_fit_the_page_and_follow_the_theme(qtbot: "QtBot") -> None:
    page = ManualPage()
    qtbot.addWidget(page)
    page.resize(400, 300)
    kind = QTextDocument.ResourceType.ImageResource.value
    light = page.loadResource(kind, QUrl("pictures/window-light.png"))
    assert 0 < light.deviceIndependentSize().width() <= 400
    palette = page.palette()
    palette.setColor(QPalette.ColorRole.Base, QColor("#202020"))
    page.setPalette(palette)
    dark = page.loadResource(kind, QUrl("pictures/window-light.png"))
    corner = dark.pixelColor(dark.width() // 2, 3).value()
    assert corner < light.pixelColor(light.width() // 2, 3).value()


@pytest.mark.parametrize("density", [1.0, 1.5, 2.0])
def test_pictures_are_as_large_on_fine_screens(qtbot: "QtBot", monkeypatch: pytest.MonkeyPatch, density: float) -> None:
    page = ManualPage()
    qtbot.addWidget(page)
    page.resize(700, 300)
    monkeypatch.setattr(page, "devicePixelRatioF", lambda: density)
    kind = QTextDocument.ResourceType.ImageResource.value
    large = page.loadResource(kind, QUrl("pictures/window-light.png"))
    assert large.deviceIndependentSize().width() == pytest.approx(700 - 64, abs=1)
    assert large.width() == pytest.approx(min(1280, (700 - 64) * density), abs=1)
    small = page.loadResource(kind, QUrl("pictures/display-light.png"))
    assert small.deviceIndependentSize().width() == small.width()
