"""Which pixels a run of a detector is about: the spatial subset of the form."""

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFormLayout, QLabel, QSizePolicy, QWidget

IN_VIEW = "view"
NO_BACKGROUND = "This detector takes its background from elsewhere than a region: from around each pixel, for one"
ROLES = {
    "inside": ("Region", "The whole scene", "The pixels that are scored, as if the rest of the scene did not exist"),
    "exclude": ("Exclude", "Nothing", "Pixels that count nowhere: no score, no part in any statistics"),
    "background": ("Background", "All that is scored", "The pixels that mean and covariance come from"),
}


class ScopeChoice(QWidget):
    """A choice for each role that a region can have in a run.

    Signals: ``changed()``.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QComboBox] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for role, (title, _, tip) in ROLES.items():
            box = self.boxes[role] = QComboBox()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setAccessibleName(title)
            box.setToolTip(tip)
            box.currentIndexChanged.connect(self.changed)
            label = QLabel(title)
            label.setBuddy(box)
            label.setToolTip(tip)
            form.addRow(label, box)
        self._takes = False
        self.offer(())

    def offer(self, regions: Sequence[tuple[int, str]]) -> None:
        """Offer these regions, by id and name; what was chosen stays so while it is there."""
        for role, box in self.boxes.items():
            kept = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                box.addItem(ROLES[role][1], None)
                if role == "inside":
                    box.addItem("What is in view", IN_VIEW)
                for number, name in regions:
                    box.addItem(name, number)
                box.setCurrentIndex(max(0, box.findData(kept)))
        self.set_background(self._takes)

    def choose(self, role: str, region_id: int) -> None:
        """Give a region its role."""
        box = self.boxes[role]
        box.setCurrentIndex(max(0, box.findData(region_id)))

    def chosen(self) -> dict[str, int | str]:
        """The id of the region with each role, or 'view'; roles without one are left out."""
        found = {role: box.currentData() for role, box in self.boxes.items() if box.isEnabled()}
        return {role: value for role, value in found.items() if value is not None}

    def set_background(self, takes: bool) -> None:
        """Whether the detector can take its background from a region."""
        self._takes = takes
        box = self.boxes["background"]
        box.setEnabled(takes)
        box.setToolTip(ROLES["background"][2] if takes else NO_BACKGROUND)

    @property
    def stops(self) -> list[QWidget]:
        """What the Tab key visits."""
        return list(self.boxes.values())
