"""Light and dark: one palette each, following the system unless the user chose."""

from collections import deque

from PyQt6 import sip
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QColor, QPainter, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHeaderView,
    QMainWindow,
    QMenu,
    QProxyStyle,
    QScrollBar,
    QStatusBar,
    QStyle,
    QStyleOption,
    QTabBar,
    QToolBar,
    QWidget,
)

Role = QPalette.ColorRole

_LIGHT = {
    Role.Window: "#f3f4f6",
    Role.WindowText: "#1d2126",
    Role.Base: "#ffffff",
    Role.AlternateBase: "#f7f8fa",
    Role.Text: "#1d2126",
    Role.Button: "#fbfbfc",
    Role.ButtonText: "#1d2126",
    Role.BrightText: "#c5221f",
    Role.Highlight: "#1967d2",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#1967d2",
    Role.ToolTipBase: "#ffffff",
    Role.ToolTipText: "#1d2126",
    Role.PlaceholderText: "#6b7280",
    Role.Light: "#ffffff",
    Role.Midlight: "#e6e8eb",
    Role.Mid: "#c4c8ce",
    Role.Dark: "#9aa0a8",
    Role.Shadow: "#5f6670",
    Role.Accent: "#1967d2",
}
_DARK = {
    Role.Window: "#1b1d20",
    Role.WindowText: "#e6e8eb",
    Role.Base: "#26292e",
    Role.AlternateBase: "#2a2e33",
    Role.Text: "#e6e8eb",
    Role.Button: "#2f3338",
    Role.ButtonText: "#e6e8eb",
    Role.BrightText: "#ff8a80",
    Role.Highlight: "#3b78d8",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#8ab4f8",
    Role.ToolTipBase: "#2c3035",
    Role.ToolTipText: "#e6e8eb",
    Role.PlaceholderText: "#9aa0a8",
    Role.Light: "#3a3f45",
    Role.Midlight: "#303439",
    Role.Mid: "#5a6069",
    Role.Dark: "#121416",
    Role.Shadow: "#000000",
    Role.Accent: "#3b78d8",
}
_BOXES = (QStyle.PrimitiveElement.PE_IndicatorCheckBox, QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck)
_GREYED = (Role.WindowText, Role.Text, Role.ButtonText)
_FLAT = (Role.Base, Role.Button)
"""What cannot be used lies flat on the window."""
_STYLED = (QMainWindow, QDockWidget, QToolBar, QStatusBar, QScrollBar, QTabBar, QHeaderView, QMenu)
"""What the style sheet gives colours to."""
AT_A_TIME = 20
_STYLE = """
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; font-weight: 600; }
QDockWidget > QWidget { font-weight: 400; }
QDockWidget::title { padding: 5px 8px; background: palette(window); border-bottom: 1px solid palette(midlight); }
QMainWindow::separator { background: palette(midlight); width: 1px; height: 1px; }
QMainWindow::separator:hover { background: palette(accent); }
QToolBar { border: none; border-bottom: 1px solid palette(midlight); padding: 3px 6px; spacing: 3px; }
QStatusBar { border-top: 1px solid palette(midlight); }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 0 6px; }
QToolTip { border: 1px solid palette(midlight); padding: 4px; }
QScrollArea { border: none; }
QAbstractSpinBox { min-height: 16px; }
QScrollBar { background: transparent; margin: 0; border: none; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: palette(mid); border-radius: 3px; margin: 3px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: palette(placeholder-text); }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabBar::tab { padding: 5px 12px; border: none; background: transparent; color: palette(placeholder-text); }
QTabBar::tab:top { border-bottom: 2px solid transparent; }
QTabBar::tab:bottom { border-top: 2px solid transparent; }
QTabBar::tab:hover, QTabBar::tab:selected { color: palette(window-text); }
QTabBar::tab:top:selected { border-bottom-color: palette(accent); }
QTabBar::tab:bottom:selected { border-top-color: palette(accent); }
QTabBar::tab:focus { background: palette(midlight); }
QHeaderView { background: palette(window); }
QTableCornerButton::section { background: transparent; border: none; }
QHeaderView::section {
    background: palette(window); border: none; border-bottom: 1px solid palette(midlight); padding: 3px 6px;
}
QMenu::separator { height: 1px; background: palette(midlight); margin: 4px 0; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
"""


class _Style(QProxyStyle):
    """Fusion, with boxes to tick that can be seen on a dark ground: its own outline is darker than the ground."""

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption | None,
        painter: QPainter | None,
        widget: QWidget | None = None,
    ) -> None:
        """Called by Qt for every small part of a widget."""
        super().drawPrimitive(element, option, painter, widget)
        if element in _BOXES and option is not None and painter is not None:
            painter.save()
            light = option.palette.color(Role.Window).value() > 127
            painter.setPen(option.palette.color(Role.Dark if light else Role.Mid))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
            painter.restore()


class Theme:
    """Dresses the application; follows the system while ``choice`` is 'system'."""

    def __init__(self, application: QApplication, choice: str = "system") -> None:
        self._application = application
        self._choice = choice
        self._stale: deque[QWidget] = deque()
        application.setStyle(_Style("Fusion"))
        # With it a palette reaches widgets under a style sheet; the sheet itself is set once, for setting it is slow.
        application.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        application.setStyleSheet(_STYLE)
        hints = application.styleHints()
        assert hints is not None
        self._hints = hints
        hints.colorSchemeChanged.connect(lambda scheme: self._dress())
        self._dress()

    @property
    def dark(self) -> bool:
        """Whether the window is dark now."""
        if self._choice == "system":
            return self._hints.colorScheme() == Qt.ColorScheme.Dark
        return self._choice == "dark"

    def choose(self, choice: str) -> None:
        """'system', 'light' or 'dark'."""
        self._choice = choice
        self._dress()

    def _dress(self) -> None:
        colours = _DARK if self.dark else _LIGHT
        palette = QPalette()
        for role, colour in colours.items():
            palette.setColor(role, QColor(colour))
        disabled = QColor("#7c828a")
        for role in _GREYED:
            palette.setColor(QPalette.ColorGroup.Disabled, role, disabled)
        for role in _FLAT:
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours[Role.Window]))
        self._application.setPalette(palette)
        self._stale.clear()
        QTimer.singleShot(0, self._find_stale)

    def _find_stale(self) -> None:
        """Colours of the style sheet go with the palette, but not in widgets that were polished before."""
        styled = [widget for widget in self._application.allWidgets() if isinstance(widget, _STYLED)]
        self._stale.extend(sorted(styled, key=lambda widget: widget.isVisible(), reverse=True))
        self._polish_some()

    def _polish_some(self) -> None:
        """Polish anew what is seen at once, the rest in between."""
        for _ in range(min(AT_A_TIME, len(self._stale))):
            widget = self._stale.popleft()
            if not sip.isdeleted(widget) and (style := widget.style()) is not None:
                style.unpolish(widget)
                style.polish(widget)
                widget.update()
        if self._stale:
            QTimer.singleShot(0, self._polish_some)
