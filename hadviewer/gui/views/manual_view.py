"""The manual and other texts, in a window of their own that leaves the main one usable."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QFrame, QTextBrowser, QVBoxLayout, QWidget

from hadviewer.assets import resource

MARGIN = 16


class TextWindow(QDialog):
    """A titled, modeless page of text."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.page = QTextBrowser()
        self.page.setOpenExternalLinks(True)
        self.page.setAccessibleName(title)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.resize(720, 640)

    def finish(self) -> "TextWindow":
        """Give the text room to breathe, once it is there."""
        document = self.page.document()
        if document is not None:
            document.setDocumentMargin(MARGIN)
        return self


def manual(parent: QWidget | None = None) -> TextWindow:
    """The manual."""
    window = TextWindow("Manual", parent)
    window.page.setMarkdown(resource("help", "manual.md").read_text(encoding="utf-8"))
    return window.finish()


def text_page(title: str, html: str, parent: QWidget | None = None) -> TextWindow:
    """A short page, such as the shortcut sheet."""
    window = TextWindow(title, parent)
    window.page.setHtml(html)
    window.resize(560, 640)
    return window.finish()
