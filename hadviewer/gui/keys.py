"""Keys of commands as text: kept as 'Ctrl+0; R', shown in the words of the system, compared as Qt compares them."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence

_Key = Qt.Key
_WITHOUT_LETTER = {
    _Key.Key_Tab: "moves from field to field",
    _Key.Key_Backtab: "moves from field to field",
    _Key.Key_Escape: "gives up what is under way",
    _Key.Key_Return: "confirms",
    _Key.Key_Enter: "confirms",
    _Key.Key_Space: "ticks boxes and moves the image",
    _Key.Key_Backspace: "takes back what was typed",
    _Key.Key_Delete: "removes what is selected",
    _Key.Key_Home: "goes to the beginning",
    _Key.Key_End: "goes to the end",
    _Key.Key_Up: "moves in lists",
    _Key.Key_Down: "moves in lists",
    _Key.Key_PageUp: "moves in lists",
    _Key.Key_PageDown: "moves in lists",
    _Key.Key_Menu: "opens the menu of what is in focus",
    _Key.Key_F2: "renames what is selected",
}
_ARROWS = (_Key.Key_Up, _Key.Key_Down, _Key.Key_Left, _Key.Key_Right)
_EDITING = {"A": "selects all", "C": "copies", "V": "pastes", "X": "cuts"}
_NONE, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


def sequences(keys: str) -> list[QKeySequence]:
    """The keys in a text; what is none is left out, and so are keys pressed one after another."""
    return [item for item in QKeySequence.listFromString(keys) if item.count() == 1 and item.toString()]


def stored(items: list[QKeySequence]) -> str:
    """As they are kept in the settings and in files."""
    return QKeySequence.listToString(items)


def tidied(keys: str) -> str:
    """One spelling for each choice of keys; '' where the text names none."""
    return stored(sequences(keys))


def shown(keys: str) -> str:
    """As people of this system read them: 'Ctrl+0 or R'."""
    return " or ".join(item.toString(QKeySequence.SequenceFormat.NativeText) for item in sequences(keys))


def reserved_for(key: QKeySequence) -> str:
    """What a key always does, wherever the keyboard is, so that it can be no command's; '' where it is free."""
    pressed = key[0]
    plain = pressed.keyboardModifiers() in (_NONE, _SHIFT)
    if plain and pressed.key() in _WITHOUT_LETTER:
        return _WITHOUT_LETTER[pressed.key()]
    if pressed.keyboardModifiers() & _SHIFT and pressed.key() in _ARROWS:
        return "moves the crosshair"
    letter = chr(pressed.key()) if pressed.key() < 128 else ""
    return _EDITING.get(letter, "") if pressed.keyboardModifiers() == _CONTROL else ""


def only_of_the_image(key: QKeySequence) -> bool:
    """Whether a key moves sliders and lists everywhere but on the image."""
    return key[0].keyboardModifiers() == _NONE and key[0].key() in _ARROWS
