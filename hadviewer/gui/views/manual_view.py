"""The manual and other texts, in a window of their own that leaves the main one usable."""

from typing import Any

from PyQt6.QtCore import QEvent, QSize, Qt, QUrl
from PyQt6.QtGui import QImage, QKeySequence, QPalette, QShortcut, QTextBlock, QTextCursor, QTextDocument
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from hadviewer.assets import resource, resources

MARGIN = 16
DEEPEST = 3
"""Headings down to this level stand in the list of contents."""
_LIGHT, _DARK = "-light.png", "-dark.png"
_BLOCK = Qt.ItemDataRole.UserRole


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
        self.resize(560, 640)


def text_page(title: str, html: str, parent: QWidget | None = None) -> TextWindow:
    """A short page, such as the shortcut sheet."""
    window = TextWindow(title, parent)
    window.page.setHtml(html)
    _give_room(window.page)
    return window


class ManualPage(QTextBrowser):
    """The text of the manual; its pictures are those of the theme, no wider than the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenExternalLinks(True)
        self.setAccessibleName("Text of the manual")
        self.setFrameShape(QFrame.Shape.NoFrame)

    def read(self) -> None:
        """Show the manual, or show it again in other colours."""
        self.setMarkdown(resource("help", "manual.md").read_text(encoding="utf-8"))
        _give_room(self)

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Called by Qt for every picture."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        dark = self.palette().color(QPalette.ColorRole.Base).value() < 128
        path = resources() / "help" / (name.path().replace(_LIGHT, _DARK) if dark else name.path())
        picture = QImage(str(path))
        room, density = max(1, self.width() - 4 * MARGIN), self.devicePixelRatioF()
        width = min(picture.width(), room)
        if picture.width() > width * density:
            picture = picture.scaledToWidth(round(width * density), Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(picture.width() / max(1, width))
        return picture

    def changeEvent(self, event: QEvent | None) -> None:
        """Show the pictures of the other theme."""
        super().changeEvent(event)
        bar = self.verticalScrollBar()
        if event is not None and event.type() == QEvent.Type.PaletteChange and self.toPlainText() and bar is not None:
            place = bar.value()
            self.read()
            bar.setValue(place)

    def headings(self) -> list[tuple[int, str, QTextBlock]]:
        """Level, title and block of each heading but the first, which is the title of all."""
        document = self.document()
        assert document is not None
        found, block = [], document.begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            if 1 < level <= DEEPEST:
                found.append((level, block.text(), block))
            block = block.next()
        return found


class ManualWindow(QDialog):
    """The manual with its contents at the left and a field to search in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Manual")
        self.search, self.told = QLineEdit(), QLabel()
        self.contents, self.page = QListWidget(), ManualPage()
        self.onward = QPushButton("Next")
        self._dress()
        row = QHBoxLayout()
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        for widget in (self.search, self.onward, self.told):
            row.addWidget(widget, 1 if widget is self.search else 0)
        parts = QSplitter()
        parts.addWidget(self.contents)
        parts.addWidget(self.page)
        parts.setStretchFactor(1, 1)
        parts.setSizes([260, 600])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(parts, 1)
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self.find_next)
        self.onward.clicked.connect(self.find_next)
        self.contents.currentItemChanged.connect(lambda now, before: self._go_to(now))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self.search.setFocus)
        self.page.read()
        self._list_contents()

    def present(self, topic: str = "") -> None:
        """Come to the front, at a heading if one is named."""
        self.show()
        self.raise_()
        self.activateWindow()
        if topic:
            self.search.clear()
            for number in range(self.contents.count()):
                item = self.contents.item(number)
                if item is not None and item.text().strip() == topic:
                    self.contents.setCurrentItem(item)
                    self._go_to(item)
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def find_next(self) -> None:
        """Go to the next place where what was typed stands; behind the last comes the first."""
        text = self.search.text().strip()
        if text and not self.page.find(text):
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            self.page.find(text)

    def _list_contents(self) -> None:
        self.contents.clear()
        for level, title, block in self.page.headings():
            item = QListWidgetItem("    " * (level - 2) + title, self.contents)
            item.setData(_BLOCK, block.position())
            font = item.font()
            font.setBold(level == 2)
            item.setFont(font)

    def _go_to(self, item: QListWidgetItem | None) -> None:
        """Bring a heading to the top of the page."""
        if item is None:
            return
        cursor, bar = self.page.textCursor(), self.page.verticalScrollBar()
        cursor.setPosition(item.data(_BLOCK))
        assert bar is not None
        self.page.moveCursor(QTextCursor.MoveOperation.End)  # so that the heading is scrolled up to, and is above
        self.page.setTextCursor(cursor)
        bar.setValue(bar.value() + self.page.cursorRect().top() - MARGIN)

    def _seek(self, text: str) -> None:
        """Mark every place where the text stands; list the passages that have one."""
        places = self._places(text.strip())
        marks = []
        for cursor in places:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format.setBackground(self.palette().color(QPalette.ColorRole.Highlight))
            mark.format.setForeground(self.palette().color(QPalette.ColorRole.HighlightedText))
            marks.append(mark)
        self.page.setExtraSelections(marks)
        self.onward.setEnabled(bool(places))
        found = "1 place" if len(places) == 1 else f"{len(places)} places"
        self.told.setText((found if places else "Not found") if text.strip() else "")
        self._leave_passages([cursor.selectionStart() for cursor in places] if text.strip() else None)
        if places:
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            self.find_next()

    def _places(self, text: str) -> list[QTextCursor]:
        document = self.page.document()
        assert document is not None
        places: list[QTextCursor] = []
        cursor = document.find(text) if text else QTextCursor()
        while not cursor.isNull():
            places.append(cursor)
            cursor = document.find(text, cursor)
        return places

    def _leave_passages(self, places: list[int] | None) -> None:
        """List only passages in which one of the places lies; all for None."""
        starts = [self._item(number).data(_BLOCK) for number in range(self.contents.count())]
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else float("inf")
            self._item(number).setHidden(places is not None and not any(start <= place < end for place in places))

    def _item(self, number: int) -> QListWidgetItem:
        item = self.contents.item(number)
        assert item is not None
        return item

    def _dress(self) -> None:
        self.search.setPlaceholderText("Search the manual")
        self.search.setAccessibleName("Search the manual")
        self.search.setToolTip("Enter goes to the next place; the contents show where it stands")
        self.search.setClearButtonEnabled(True)
        self.onward.setToolTip("The next place where it stands (Enter)")
        self.onward.setEnabled(False)
        self.onward.setAutoDefault(False)
        self.told.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.contents.setAccessibleName("Contents")
        self.contents.setToolTip("Passages of the manual; Enter or a click goes there")
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        self.contents.setSpacing(3)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.resize(QSize(880, 680))


def _give_room(page: QTextBrowser) -> None:
    """Let the text breathe, once it is there."""
    document = page.document()
    if document is not None:
        document.setDocumentMargin(MARGIN)
