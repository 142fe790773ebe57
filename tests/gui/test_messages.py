"""The message bar shows what happened, in the colours of the theme."""

import pytest
from PyQt6.QtGui import QColor, QImage, QPalette
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.gui.messages import MessageBar


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(400, 34)
    return bar


def test_a_stripe_tells_an_error_from_a_note(bar: MessageBar) -> None:
    stripes = []
    for kind in ("info", "warn", "error"):
        bar.show_message(kind, "A sentence.")
        stripes.append(QColor(bar.grab().toImage().pixel(1, 10)).name())
    assert len(set(stripes)) == 3


def test_the_icons_follow_the_theme(bar: MessageBar, qapp: QApplication, qtbot: QtBot) -> None:
    def picture() -> QImage:
        return bar._close.icon().pixmap(18, 18).toImage()

    bar.show_message("error", "A sentence.")
    kept, drawn = QPalette(qapp.palette()), picture()
    other = QPalette(kept)
    other.setColor(QPalette.ColorRole.ButtonText, QColor("#ff00ff"))
    try:
        qapp.setPalette(other)
        qtbot.waitUntil(lambda: picture() != drawn)
    finally:
        qapp.setPalette(kept)
    qtbot.waitUntil(lambda: picture() == drawn)


def test_details_and_action_are_offered_where_there_are_any(bar: MessageBar, qtbot: QtBot) -> None:
    done: list[str] = []
    bar.show_message("info", "Written.", action=("Open folder", lambda: done.append("opened")))
    assert bar._more.isHidden()
    bar._action.click()
    assert done == ["opened"]
    bar.show_message("error", "Not written.", "Every reason.")
    bar._more.click()
    assert bar._action.isHidden()
    assert bar._details.isVisible()
    assert bar._details.toPlainText() == "Every reason."
