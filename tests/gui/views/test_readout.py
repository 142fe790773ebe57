"""The read-out of the status bar shows what fits and keeps the rest as a tooltip; it never widens the window."""

from pytestqt.qtbot import QtBot

from hadviewer.gui.views.readout import Readout

LONG = "Line 490, sample 473 · " + "682.8 nm: 0.15294, " * 12 + "33.637040° N, 116.931114° W"


def test_a_line_that_is_too_long_ends_in_dots_and_is_whole_in_the_tooltip(qtbot: QtBot) -> None:
    readout = Readout()
    qtbot.addWidget(readout)
    readout.show()
    readout.resize(300, 20)
    readout.say(LONG)
    assert readout.text().endswith("\N{HORIZONTAL ELLIPSIS}")
    assert readout.toolTip().startswith(LONG)
    assert readout.accessibleDescription() == LONG
    assert readout.minimumSizeHint().width() <= 300
    readout.resize(6000, 20)
    assert readout.text() == LONG
    assert LONG not in readout.toolTip()
