"""Forms made from parameter models."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from PyQt6.QtCore import QLocale, QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSpinBox, QToolButton, QWidget

from hadviewer.core.params import OddInt, Params, describe, field, parse
from hadviewer.engine import catalog
from hadviewer.engine.preferences import Settings
from hadviewer.gui.forms.editors import NumberEdit
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm


class Example(Params):
    inner: OddInt = field(5, "Guard window", ge=1, le=101, unit="px", help="Left out of the background.")
    outer: OddInt = field(15, "Background window", ge=3, le=301, unit="px")
    loading: float = field(1e-4, "Diagonal loading", ge=0, le=1)
    auto: bool = field(True, "Choose the rank")
    rank: int | None = field(None, "Rank", ge=1, enabled_when="auto=false")
    norm: Literal["l1", "l2_squared"] = field("l1", "Norm")
    weights: Path | None = field(None, "Weights", advanced=True)
    name: str = field("run", "Name", advanced=True)

    @model_validator(mode="after")
    def _in_order(self) -> "Example":
        if self.inner >= self.outer:
            raise PydanticCustomError("order", "must be larger than the guard window", {"field": "outer"})
        return self


@pytest.fixture
def form(qtbot: Any) -> ParamForm:
    form = ParamForm(Example)
    qtbot.addWidget(form)
    form.show()
    return form


def errors(form: ParamForm) -> list[str]:
    return [label.text() for label in form.findChildren(ErrorLabel) if label.text()]


def type_into(qtbot: Any, widget: QWidget, text: str, *, enter: bool = True) -> None:
    widget.setFocus()
    widget.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(widget, text)
    if enter:
        qtbot.keyClick(widget, Qt.Key.Key_Return)


def test_a_fresh_form_holds_the_defaults(form: ParamForm) -> None:
    assert form.checked() == Example()


def test_what_is_set_is_what_is_read(form: ParamForm) -> None:
    wanted = Example(
        inner=7, outer=21, loading=2.5e-7, auto=False, rank=3, norm="l2_squared", weights=Path("w.npz"), name="x"
    )
    form.set_values(wanted.model_dump())
    assert form.checked() == wanted


@pytest.mark.parametrize(("typed", "value"), [("0.25", 0.25), ("1e-6", 1e-6), ("3E-2", 0.03), (".5", 0.5), ("1", 1.0)])
def test_real_numbers_are_typed_as_people_write_them(qtbot: Any, form: ParamForm, typed: str, value: float) -> None:
    type_into(qtbot, form.editor("loading"), typed)
    assert form.values()["loading"] == value


def test_every_digit_of_a_real_number_is_kept(form: ParamForm) -> None:
    form.set_values({"loading": 0.1 + 0.2})
    assert form.values()["loading"] == 0.1 + 0.2


def test_numbers_do_not_depend_on_the_locale(qtbot: Any) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        form = ParamForm(Example)
        qtbot.addWidget(form)
        edit = form.editor("loading")
        assert isinstance(edit, NumberEdit)
        type_into(qtbot, edit, "0.125")
        assert form.values()["loading"] == 0.125
        assert edit.text() == "0.125"
    finally:
        QLocale.setDefault(before)


def test_numbers_outside_the_range_are_not_taken(qtbot: Any, form: ParamForm) -> None:
    type_into(qtbot, form.editor("loading"), "7")
    type_into(qtbot, form.editor("inner"), "500")
    assert 0 <= form.values()["loading"] <= 1
    assert form.values()["inner"] <= 101


def test_windows_step_from_odd_to_odd(qtbot: Any, form: ParamForm) -> None:
    spin = form.editor("inner")
    spin.setFocus()
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert form.values()["inner"] == 7
    assert isinstance(spin, QSpinBox)
    assert spin.text() == "7 px"


def test_real_numbers_step_by_a_tenth_of_their_magnitude(qtbot: Any, form: ParamForm) -> None:
    edit = form.editor("loading")
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert form.values()["loading"] == pytest.approx(1.1e-4)


def test_a_number_still_being_typed_counts(qtbot: Any, form: ParamForm) -> None:
    """Ctrl+R runs while the caret is in the box."""
    type_into(qtbot, form.editor("inner"), "9", enter=False)
    assert form.values()["inner"] == 9


def test_an_even_window_is_marked_red_under_its_field(qtbot: Any, form: ParamForm) -> None:
    type_into(qtbot, form.editor("inner"), "8")
    assert form.checked() is None
    assert errors(form) == ["Must be odd (given: 8)."]
    form.set_values({"inner": 9})
    assert errors(form) == []


def test_a_rule_between_fields_marks_the_field_it_blames(form: ParamForm) -> None:
    form.set_values({"inner": 21})
    assert form.checked() is None
    assert "larger than the guard window" in errors(form)[0]


def test_an_error_in_a_folded_field_unfolds_it(form: ParamForm) -> None:
    assert not form.editor("name").isVisible()
    assert form.show_error("name", "name: is taken.") is form.editor("name")
    assert form.editor("name").isVisible()
    assert errors(form) == ["Is taken."]
    assert form.show_error("nowhere", "Lost.") is None


def test_fields_that_do_not_apply_are_greyed_out(form: ParamForm) -> None:
    assert not form.editor("rank").isEnabled()
    form.set_values({"auto": False})
    assert form.editor("rank").isEnabled()


def test_an_empty_optional_number_means_none(form: ParamForm) -> None:
    edit = form.editor("rank")
    assert isinstance(edit, QLineEdit)
    edit.setText(" 4 ")
    assert form.checked() == Example(rank=4)
    edit.setText("  ")
    assert form.checked() == Example(rank=None)
    edit.setText("many")
    assert form.checked() is None
    assert "integer" in errors(form)[0]


def test_reset_appears_with_the_first_change_and_takes_all_back(qtbot: Any, form: ParamForm) -> None:
    button = next(item for item in form.findChildren(QToolButton) if item.text() == "Reset")
    assert not button.isVisible()
    form.set_values({"inner": 8, "name": "other"})
    form.checked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert form.checked() == Example()
    assert errors(form) == []
    assert not button.isVisible()


def test_changes_are_told(qtbot: Any, form: ParamForm) -> None:
    with qtbot.waitSignal(form.changed):
        form.set_values({"outer": 17})


def test_the_wheel_scrolls_past_an_editor_without_focus(form: ParamForm) -> None:
    for name in ("inner", "loading", "norm"):
        editor = form.editor(name)
        editor.clearFocus()
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(editor, wheel)
    assert form.values() == ParamForm(Example).values()


def test_labels_tooltips_and_names_come_from_the_model(form: ParamForm) -> None:
    inner = form.editor("inner")
    assert inner.accessibleName() == "Guard window"
    assert "Left out of the background." in inner.toolTip()
    assert "1 … 101" in inner.toolTip()
    assert any(label.text() == "Guard window" and label.buddy() is inner for label in form.findChildren(QLabel))
    norm = form.editor("norm")
    assert isinstance(norm, QComboBox)
    assert [norm.itemText(index) for index in range(norm.count())] == ["L1", "L2 squared"]


def test_a_form_of_some_fields_only(qtbot: Any) -> None:
    form = ParamForm(Example, only=("inner", "outer"))
    qtbot.addWidget(form)
    assert form.values() == {"inner": 5, "outer": 15}


def test_choices_known_at_run_time(qtbot: Any) -> None:
    form = ParamForm(Example, choices={"name": [("run", "First"), ("walk", "Second")]})
    qtbot.addWidget(form)
    form.set_values({"name": "walk"})
    form.set_choices("name", [("fly", "Third"), ("walk", "Second")])
    assert form.values()["name"] == "walk"
    form.set_choices("name", [("fly", "Third")])
    assert form.values()["name"] == "fly"


MODELS = {
    f"{found.kind} {spec.id}": spec.params
    for found in (catalog.detectors(), catalog.transforms(), catalog.readers(), catalog.writers())
    for spec in found
}


@pytest.mark.parametrize("params", [*MODELS.values(), Settings], ids=[*MODELS, "preferences"])
def test_every_model_of_the_program_makes_a_form_that_gives_its_defaults(qtbot: Any, params: type[Params]) -> None:
    simple = [spec.name for spec in describe(params) if not isinstance(spec.default, tuple)]
    form = ParamForm(params, only=simple)
    qtbot.addWidget(form)
    assert parse(params, form.values()) == params()
