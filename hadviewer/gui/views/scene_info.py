"""The sheet of facts about the open scene."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)


class SceneInfo(QDialog):
    """Everything known about the scene, by sections; stays open beside the window and follows what is opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Scene information")
        self.table = QTreeWidget()
        self.table.setColumnCount(2)
        self.table.setHeaderHidden(True)
        self.table.setRootIsDecorated(False)
        self.table.setWordWrap(True)
        self.table.setIndentation(12)
        self.table.setToolTip("What is known about the open file")
        self.table.setAccessibleName("Scene information")
        header = self.table.header()
        if header is not None:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._copy = QPushButton("Copy")
        self._copy.setToolTip("Copy all of it as text")
        self._copy.clicked.connect(self.copy)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.table)
        column.addWidget(buttons)
        self.resize(520, 560)

    def show_facts(self, title: str, sections: dict[str, dict[str, str]]) -> None:
        """Show these facts: sections of labels and texts."""
        self.setWindowTitle(f"{title} — scene information" if title else "Scene information")
        self._copy.setEnabled(bool(sections))
        self.table.clear()
        for name, facts in sections.items():
            section = QTreeWidgetItem([name])
            font = section.font(0)
            font.setBold(True)
            section.setFont(0, font)
            section.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for label, text in facts.items():
                item = QTreeWidgetItem([label, text])
                item.setTextAlignment(0, Qt.AlignmentFlag.AlignTop)
                item.setToolTip(1, text)
                section.addChild(item)
            self.table.addTopLevelItem(section)
            section.setFirstColumnSpanned(True)
            section.setExpanded(True)

    def text(self) -> str:
        """All of it as plain text."""
        lines: list[str] = []
        for row in range(self.table.topLevelItemCount()):
            section = self.table.topLevelItem(row)
            assert section is not None
            lines.append(section.text(0))
            children = (section.child(number) for number in range(section.childCount()))
            lines += [f"  {item.text(0)}: {item.text(1)}" for item in children if item is not None]
        return "\n".join(lines)

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.text())

    def present(self) -> None:
        """Show the sheet, in front."""
        self.show()
        self.activateWindow()
