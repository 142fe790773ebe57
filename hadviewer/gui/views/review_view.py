"""The dock in which detected objects are looked at one by one: their table, and the spectra of the one picked."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from hadviewer.gui.views._table_and_spectra import TableAndSpectra
from hadviewer.gui.views.review_data import STATE, STATE_WORDS, ReviewFilter, ReviewRows
from hadviewer.gui.views.review_table import ReviewTable
from hadviewer.gui.views.spectrum_data import Curve

TABLE_WIDTH, PLOT_WIDTH = 430, 240
PICK = "Pick an object to see its mean spectrum and that of its surroundings."
NONE_LEFT = "No object is left by the filter."
ALL = "All"


class ReviewView(TableAndSpectra):
    """Objects on the left, the spectra of the one picked on the right.

    Signals:
        judged: (list of int, str) these objects are good, bad or pending.
        noted: (int, str) the note of an object.
        filtered: other objects are left out.
        shown_changed: the dock came to the front, or went.
        region_requested, truth_requested, export_requested: the good objects, or all, are wanted so.
    """

    judged = pyqtSignal(list, str)
    noted = pyqtSignal(int, str)
    filtered = pyqtSignal()
    shown_changed = pyqtSignal()
    region_requested = pyqtSignal()
    truth_requested = pyqtSignal()
    export_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.table = ReviewTable()
        super().__init__(self.table, "Spectra of the object and of its surroundings", PICK, parent)
        self.table.setToolTip(
            "A click or the arrow keys bring an object to the middle. Y: good, N: bad, U: pending, then the next. "
            "F2 or a double click writes a note. A click on a header sorts."
        )
        self.in_front = False
        self.names = QLabel()
        self.kind, self.search, self.counts = QComboBox(), QLineEdit(), QLabel()
        self.region, self.truth, self.export = QPushButton("Good → ROI"), QPushButton("Good → truth"), QPushButton()
        self._dress()
        self._arrange()
        self._listen()
        self.set_bands(None)
        self.set_rows(ReviewRows(), "", "")
        self.set_good(0)

    # What the controller says

    def come_to_front(self, in_front: bool) -> None:
        """The dock is in sight now, or no more; Qt does not hide what lies behind another tab."""
        if in_front != self.in_front:
            self.in_front = in_front
            self.shown_changed.emit()

    def set_rows(self, rows: ReviewRows, counts: str, hint: str) -> None:
        """Show these objects, or why there are none; those picked stay picked."""
        self._telling = False
        self._offer_kinds(rows)
        self.table.set_rows(rows)
        self._telling = True
        self.counts.setText(counts)
        self.counts.setToolTip(counts)
        self.export.setEnabled(rows.count > 0)
        left_out = rows.count > 0 and not len(self.table.objects.order)
        self._hint.say(NONE_LEFT if left_out else hint)

    def set_good(self, count: int) -> None:
        """Offer what can be made of so many good objects."""
        for button in (self.region, self.truth):
            button.setEnabled(count > 0)

    def select(self, one: int | None) -> None:
        """Select an object without telling so."""
        self._telling = False
        self.table.pick([] if one is None else [one])
        if one is not None:
            self.table.scrollTo(self.table.currentIndex())
        self._telling = True

    def kept(self) -> NDArray[np.bool_]:
        """Which objects the filter keeps."""
        return self.table.objects.kept()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these spectra and no other, their names above."""
        super().show_curves(curves)
        self._name(curves)

    def changeEvent(self, event: QEvent | None) -> None:
        """Name the curves in the colours of the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_named"):
            self._name(self._named)

    def _name(self, curves: Sequence[Curve]) -> None:
        self._named = curves
        self.names.setVisible(bool(curves))
        lines = {True: "╌", False: "━"}
        self.names.setText(
            "&nbsp; ".join(
                f"<font color='{curve.colour or self.palette().text().color().name()}'>{lines[curve.key < 0]}</font>"
                f" {escape(curve.title)}"
                for curve in curves
            )
        )

    # What commands ask

    def judge(self, state: str) -> None:
        """Judge the objects that are picked, and go on. Where none is, only pick the first."""
        if self.table.picked():
            self.table.judge(state)
        else:
            self.step(0)

    def step(self, way: int) -> None:
        """Pick the object after or before the one picked."""
        one = self.table.step(way)
        if one is not None:
            self.table.pick([one])
            self.table.scrollTo(self.table.currentIndex())

    # Inside

    def _dress(self) -> None:
        self.kind.setAccessibleName("Which objects")
        self.kind.setToolTip("List and colour only objects of this state")
        self.search.setAccessibleName("Filter of the objects")
        self.search.setPlaceholderText("pixels > 3, peak >= 10, words of notes")
        self.search.setToolTip("Conditions by the beginning of a column's title, by < <= > >= =; other words in notes")
        self.search.setClearButtonEnabled(True)
        self.export.setText("Export…")
        self.export.setToolTip("Write all objects with state and note: GeoJSON, GeoPackage, shapefile, KML or CSV")
        self.region.setToolTip("Make a region of interest of the good objects")
        self.truth.setToolTip("Take the good objects as the known anomalies")
        self.counts.setWordWrap(True)

    def _listen(self) -> None:
        self.table.judged.connect(self.judged)
        self.table.objects.noted.connect(self.noted)
        self.kind.currentTextChanged.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.region.clicked.connect(self.region_requested)
        self.truth.clicked.connect(self.truth_requested)
        self.export.clicked.connect(self.export_requested)

    def _offer_kinds(self, rows: ReviewRows) -> None:
        """The words by which objects are told apart, the choice kept."""
        kinds = [ALL, *(word for title, words in rows.words.items() for word in words)] if rows.words else None
        kinds = kinds or [ALL, *STATE_WORDS]
        if kinds != [self.kind.itemText(place) for place in range(self.kind.count())]:
            chosen = self.kind.currentText()
            self.kind.blockSignals(True)
            self.kind.clear()
            self.kind.addItems(kinds)
            self.kind.setCurrentIndex(max(0, self.kind.findText(chosen)))
            self.kind.blockSignals(False)
            self._set_filter(rows)

    def _set_filter(self, rows: ReviewRows) -> None:
        word = self.kind.currentText()
        column = next((title for title, words in rows.words.items() if word in words), "" if word == ALL else STATE)
        self.table.objects.set_filter(ReviewFilter(column, word, self.search.text()))

    def _filter(self) -> None:
        picked = self.table.picked()
        self._telling = False
        self._set_filter(self.table.objects.rows)
        self.table.pick(picked)
        self._telling = True
        rows = self.table.objects.rows
        left_out = rows.count > 0 and not len(self.table.objects.order)
        if rows.count:
            self._hint.say(NONE_LEFT if left_out else "")
        self.filtered.emit()

    def _arrange(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.kind)
        above.addWidget(self.search, 1)
        below.addStretch(1)
        for button in (self.region, self.truth, self.export):
            below.addWidget(button)
        left, right = (above, self.table, self.counts), (self.names, self.plot, below)
        self.lay_out(left, right, (3, 2), (TABLE_WIDTH, PLOT_WIDTH))
