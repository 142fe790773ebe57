"""Finds texts that are cut off: each label, button, field and header compared with the room that its text needs."""

from collections.abc import Iterator
from typing import cast

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

SLACK = 1
Ignored = QSizePolicy.Policy.Ignored


def clipped(root: QWidget) -> list[str]:
    """A line for each text in sight below ``root`` that is cut off; what gives way on purpose (Ignored) is left out."""
    return [complaint for widget in root.findChildren(QWidget) if widget.isVisible() for complaint in _check(widget)]


def _check(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _label(widget)
    elif isinstance(widget, QComboBox):
        yield from _combo(widget)
    elif isinstance(widget, QAbstractSpinBox):
        yield from _short(widget, widget.text(), widget.minimumSizeHint().height())
        line = cast("QLineEdit", widget.findChild(QLineEdit))
        yield from _line(line, widget)
    elif isinstance(widget, QTabBar):
        for number in range(widget.count()):
            needed = widget.fontMetrics().horizontalAdvance(widget.tabText(number))
            if widget.tabRect(number).width() < needed:
                yield _tell(widget, widget.tabText(number), widget.tabRect(number).width(), needed)
    elif isinstance(widget, QHeaderView):
        yield from _header(widget)
    elif isinstance(widget, QAbstractButton) and (widget.text() or not widget.icon().isNull()):
        only_icon = isinstance(widget, QToolButton) and not widget.text()
        yield from _short(widget, "" if only_icon else widget.text(), widget.minimumSizeHint().height())
        if widget.width() + SLACK < widget.minimumSizeHint().width() and not only_icon:
            yield _tell(widget, widget.text(), widget.width(), widget.minimumSizeHint().width())


def _label(label: QLabel) -> Iterator[str]:
    text, policy = label.text(), label.sizePolicy()
    if not text:
        return
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if label.height() + SLACK < needed:
            yield _tell(label, text, label.height(), needed)
        return
    yield from _short(label, text, label.fontMetrics().height() * (text.count("\n") + 1))
    if policy.horizontalPolicy() != Ignored and label.width() + SLACK < label.sizeHint().width():
        yield _tell(label, text, label.width(), label.sizeHint().width())


def _combo(combo: QComboBox) -> Iterator[str]:
    style, option = cast("QStyle", combo.style()), QStyleOptionComboBox()
    combo.initStyleOption(option)
    field = style.subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    icon = combo.iconSize().width() + 4 if not combo.itemIcon(combo.currentIndex()).isNull() else 0
    needed = combo.fontMetrics().horizontalAdvance(combo.currentText()) + icon
    yield from _short(combo, combo.currentText(), combo.fontMetrics().height())
    if field.width() + SLACK < needed:
        yield _tell(combo, combo.currentText(), field.width(), needed)


def _line(line: QLineEdit, owner: QWidget) -> Iterator[str]:
    needed = line.fontMetrics().horizontalAdvance(line.displayText())
    if line.width() + SLACK < needed:
        yield _tell(owner, line.displayText(), line.width(), needed)


def _header(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    if model is None or header.orientation() != Qt.Orientation.Horizontal:
        return
    for section in range(header.count()):
        text = model.headerData(section, Qt.Orientation.Horizontal) or ""
        needed = header.fontMetrics().horizontalAdvance(str(text))
        if not header.isSectionHidden(section) and header.sectionSize(section) < needed:
            yield _tell(header, str(text), header.sectionSize(section), needed)


def _short(widget: QWidget, text: str, needed: int) -> Iterator[str]:
    """Not high enough."""
    if widget.height() + SLACK < needed:
        yield f"{_tell(widget, text, widget.height(), needed)} high"


def _tell(widget: QWidget, text: str, there: int, needed: int) -> str:
    name = widget.accessibleName() or widget.objectName() or type(widget).__name__
    return f"{name}: {text[:60]!r} has {there} of {needed} pixels"
