"""The manual and other texts, in a window of their own that leaves the main one usable."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from hadviewer.assets import resource


class TextWindow(QDialog):
    """A titled, modeless page of text."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.page = QTextBrowser()
        self.page.setOpenExternalLinks(True)
        self.page.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.resize(720, 640)


def manual(parent: QWidget | None = None) -> TextWindow:
    """The manual."""
    window = TextWindow("Manual", parent)
    window.page.setMarkdown(resource("help", "manual.md").read_text(encoding="utf-8"))
    return window


def text_page(title: str, html: str, parent: QWidget | None = None) -> TextWindow:
    """A short page, such as the shortcut sheet."""
    window = TextWindow(title, parent)
    window.page.setHtml(html)
    window.resize(520, 560)
    return window
