"""Named sets of parameters above a form."""

from typing import Any

import pytest

from hadviewer.core.params import Params, field
from hadviewer.engine import catalog
from hadviewer.gui.forms.param_form import ParamForm
from hadviewer.gui.views.preset_button import DEFAULTS, OWN, PresetButton


class Example(Params):
    steps: int = field(1000, "Steps", ge=1, help="Steps.")
    rate: float = field(0.1, "Rate", gt=0, help="Rate.")
    pooling: bool = field(True, "Pooling", advanced=True, help="Pooling.")


@pytest.fixture
def form(qtbot: Any) -> ParamForm:
    form = ParamForm(Example)
    qtbot.addWidget(form)
    return form


@pytest.fixture
def button(qtbot: Any, form: ParamForm) -> PresetButton:
    button = PresetButton(form, {"San Diego": {"steps": 200, "rate": 0.5}, "Without pooling": {"pooling": False}})
    qtbot.addWidget(button)
    return button


def test_a_preset_fills_the_form_and_all_it_does_not_name_becomes_default(
    form: ParamForm, button: PresetButton
) -> None:
    assert button.button.text() == DEFAULTS
    action = {item.text(): item for item in button.menu.actions()}
    action["San Diego"].trigger()
    assert form.values() == {"steps": 200, "rate": 0.5, "pooling": True}
    assert button.button.text() == "San Diego"
    action["Without pooling"].trigger()
    assert form.values() == {"steps": 1000, "rate": 0.1, "pooling": False}


def test_a_change_takes_the_name_away_and_its_undoing_brings_it_back(form: ParamForm, button: PresetButton) -> None:
    button.choose("San Diego")
    form.set_values({"steps": 201})
    assert button.button.text() == OWN
    form.set_values({"steps": 200})
    assert button.button.text() == "San Diego"
    form.reset()
    assert button.button.text() == DEFAULTS


@pytest.mark.parametrize("spec", [spec for spec in catalog.detectors() if spec.presets], ids=lambda spec: spec.id)
def test_every_preset_of_every_detector_is_shown_as_itself(qtbot: Any, spec: Any) -> None:
    form = ParamForm(spec.params)
    qtbot.addWidget(form)
    button = PresetButton(form, spec.presets)
    qtbot.addWidget(button)
    for name, values in spec.presets.items():
        button.choose(name)
        assert form.checked() is not None
        assert form.shows(values)
