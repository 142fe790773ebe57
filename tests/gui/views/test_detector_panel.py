"""Choosing, setting up and starting a detector with mouse and keyboard."""

from typing import Any, Literal

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import QComboBox

from hadviewer.core.params import NoParams, OddInt, Params, field
from hadviewer.core.specs import DetectorSpec, TransformSpec
from hadviewer.gui.views.data import DeviceChoice, JobLine
from hadviewer.gui.views.detector_panel import DetectorPanel


class RingParams(Params):
    inner: OddInt = field(5, "Guard window", ge=1)
    norm: Literal["l1", "l2"] = field("l1", "Norm")


class ShareParams(Params):
    share: float = field(0.5, "Share", ge=0, le=1)


DETECTORS = (
    DetectorSpec("one", "First", "Statistical", "Distance from the mean.", NoParams, print, "Someone, doi:10.1/2"),
    DetectorSpec(
        "ring", "Ring", "Local", "Compares with the surroundings.", RingParams, print, devices=("cpu", "cuda")
    ),
    DetectorSpec("two", "Second", "Statistical", "Another distance.", NoParams, print, when="Choose it for water."),
)
TRANSFORMS = (
    TransformSpec("part", "Part", "Keeps a share.", ShareParams, print),
    TransformSpec("flat", "Flat", "Flattens.", NoParams, print),
)
NETWORK = TransformSpec("net", "Net", "Trains a network.", NoParams, print, devices=("cpu", "cuda"))


@pytest.fixture
def panel(qtbot: Any) -> DetectorPanel:
    panel = DetectorPanel()
    qtbot.addWidget(panel)
    panel.set_detectors(DETECTORS, {"plug_in": "ImportError: no module named nothing"})
    panel.set_transforms(TRANSFORMS)
    panel.set_ready(True)
    panel.resize(330, 640)
    panel.show()
    return panel


def shown(panel: DetectorPanel) -> list[str]:
    return [item.text(0) for item in panel.detectors.lines() if not item.isHidden()]


def test_detectors_are_listed_by_family_and_the_first_is_chosen(panel: DetectorPanel) -> None:
    assert shown(panel) == ["First", "Second", "Ring", "plug_in"]
    assert panel.chosen == "one"
    panel.choose("ring")
    assert panel.run_button.text() == "Run Ring"
    assert "Compares with the surroundings." in panel.about.text()


def test_a_plug_in_that_failed_is_listed_with_its_reason_and_cannot_be_chosen(panel: DetectorPanel) -> None:
    item = panel.detectors.lines()[-1]
    assert item.isDisabled()
    assert "no module named nothing" in item.toolTip(0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("distance", ["First", "Second"]),
        ("TWO", ["Second"]),
        ("local", ["Ring"]),
        ("another distance", ["Second"]),
        ("water", ["Second"]),
    ],
)
def test_search_looks_at_id_title_family_summary_and_when(
    qtbot: Any, panel: DetectorPanel, typed: str, found: list[str]
) -> None:
    qtbot.keyClicks(panel.detectors.search, typed)
    assert shown(panel) == found
    assert panel.chosen in {spec.id for spec in DETECTORS if spec.title in found}


def test_families_come_in_the_order_an_analyst_asks_for_them(panel: DetectorPanel) -> None:
    families = ("Own", "Combination", "Isolation", "Recommended", "Low-rank", "Local", "Statistical")
    panel.set_detectors([DetectorSpec(name, name, name, "Does.", NoParams, print) for name in families])
    assert shown(panel) == ["Recommended", "Statistical", "Local", "Low-rank", "Isolation", "Combination", "Own"]


@pytest.mark.parametrize(("ids", "first"), [(("a", "grx", "auto"), "auto"), (("a", "grx"), "grx"), (("b", "a"), "b")])
def test_the_detector_to_begin_with(panel: DetectorPanel, ids: tuple[str, ...], first: str) -> None:
    panel.set_detectors([DetectorSpec(name, name, "Own", "Does.", NoParams, print) for name in ids])
    assert panel.chosen == first


def test_the_list_is_used_by_keyboard_alone(qtbot: Any, panel: DetectorPanel) -> None:
    found = panel.detectors
    found.search.setFocus()
    qtbot.keyClick(found.search, Qt.Key.Key_Down)
    assert panel.chosen == "two"
    qtbot.keyClick(found.search, Qt.Key.Key_Down)
    assert panel.chosen == "ring", "the name of the family is passed over"
    qtbot.keyClick(found.search, Qt.Key.Key_Up)
    qtbot.keyClicks(found.search, "ring")
    assert panel.chosen == "ring"
    qtbot.keyClick(found.search, Qt.Key.Key_Escape)
    assert len(shown(panel)) == 4
    assert panel.chosen == "ring"
    found.tree.setFocus()
    qtbot.keyClick(found.tree, "f")
    assert found.search.text() == "f"
    assert found.search.hasFocus()


def test_tab_goes_from_top_to_bottom(qtbot: Any, panel: DetectorPanel) -> None:
    panel.choose("ring")
    for spec in TRANSFORMS:
        panel.transforms.add(spec)
    share = panel.transforms._steps[0].form.editor("share")
    qtbot.waitUntil(share.isVisible)
    order = [
        panel.detectors.search,
        panel.detectors.tree,
        panel.transforms.add_button,
        share,
        panel.transforms._steps[1].remove_button,
        panel._forms["ring"].editor("inner"),
        panel._forms["ring"].editor("norm"),
        panel.options.editor("bands"),
        panel.options.editor("device"),
        panel.run_button,
    ]
    order[0].setFocus()
    passed = []
    for _ in range(30):
        passed.append(panel.focusWidget())
        panel.focusNextChild()
    assert [widget for widget in passed if widget in order][: len(order)] == order


def test_the_name_of_a_family_cannot_be_chosen(qtbot: Any, panel: DetectorPanel) -> None:
    head = panel.detectors.tree.topLevelItem(1)
    at = panel.detectors.tree.visualItemRect(head).center()
    qtbot.mouseClick(panel.detectors.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.chosen == "one"


def test_what_was_filled_in_is_still_there_after_looking_at_another(qtbot: Any, panel: DetectorPanel) -> None:
    panel.choose("ring")
    panel._forms["ring"].set_values({"inner": 9})
    panel.choose("one")
    request = panel.request()
    assert request is not None
    assert (request.detector, request.params) == ("one", {})
    panel.choose("ring")
    request = panel.request()
    assert request is not None
    assert request.params == {"inner": 9, "norm": "l1"}


def test_the_detector_says_when_to_choose_it(panel: DetectorPanel) -> None:
    panel.choose("two")
    assert "Choose it for water." in panel.about.text()
    assert "Choose it for water." in panel.detectors.lines()[1].toolTip(0)


def test_a_doi_becomes_a_link(panel: DetectorPanel) -> None:
    assert panel.reference.openExternalLinks()
    panel.choose("one")
    assert 'href="https://doi.org/10.1/2"' in panel.reference.text()


def test_transforms_are_added_set_up_and_removed(qtbot: Any, panel: DetectorPanel) -> None:
    for action in panel.transforms.menu.actions():
        action.trigger()
    steps = panel.transforms.steps()
    assert [(step.id, step.params) for step in steps] == [("part", {"share": 0.5}), ("flat", {})]
    qtbot.mouseClick(panel.transforms._steps[0].remove_button, Qt.MouseButton.LeftButton)
    assert [step.id for step in panel.transforms.steps()] == ["flat"]


def test_transforms_change_places_by_mouse_and_keyboard(qtbot: Any, panel: DetectorPanel) -> None:
    chain = panel.transforms
    for spec in (*TRANSFORMS, TRANSFORMS[0]):
        chain.add(spec)
    first = chain._steps[0]
    first.form.set_values({"share": 0.25})
    assert [(step.up_button.isEnabled(), step.down_button.isEnabled()) for step in chain._steps] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    qtbot.mouseClick(first.down_button, Qt.MouseButton.LeftButton)
    assert [(step.id, step.params.get("share")) for step in chain.steps()] == [
        ("flat", None),
        ("part", 0.25),
        ("part", 0.5),
    ]
    qtbot.waitUntil(first.form.editor("share").isVisible)
    first.form.editor("share").setFocus()
    qtbot.keyClick(first.form.editor("share"), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [step.params.get("share") for step in chain.steps()] == [None, 0.5, 0.25]
    assert first.form.editor("share").hasFocus()
    first.up_button.setFocus()
    for _ in range(2):
        qtbot.keyClick(first.up_button, Qt.Key.Key_Space)
    assert [step.params.get("share") for step in chain.steps()] == [0.25, None, 0.5]
    assert first.down_button.hasFocus(), "the button that moved it up has gone grey"


def test_options_of_every_run_are_part_of_the_request(panel: DetectorPanel) -> None:
    panel.options.set_values({"bands": "1-50", "seed": 7})
    request = panel.request()
    assert request is not None
    assert (request.bands, request.device, request.seed) == ("1-50", "auto", 7)


def test_devices_the_detector_cannot_use_are_greyed_out(panel: DetectorPanel) -> None:
    panel.choose("ring")
    panel.set_devices([DeviceChoice("cpu", "CPU (4 threads)"), DeviceChoice("cuda:0", "Big GPU (80 GiB)")])
    combo = panel.options.editor("device")
    assert isinstance(combo, QComboBox)
    assert [combo.itemText(index) for index in range(3)] == ["Automatic", "CPU (4 threads)", "Big GPU (80 GiB)"]
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    panel.options.set_values({"device": "cuda:0"})
    assert panel.options.values()["device"] == "cuda:0"
    panel.choose("one")
    assert not model.item(2).isEnabled()
    assert panel.options.values()["device"] == "auto"


def test_a_device_that_only_a_transform_can_use_is_offered_while_the_transform_is_there(
    qtbot: Any, panel: DetectorPanel
) -> None:
    panel.choose("one")
    panel.set_devices([DeviceChoice("cpu", "CPU (4 threads)"), DeviceChoice("cuda:0", "Big GPU (80 GiB)")])
    combo = panel.options.editor("device")
    assert isinstance(combo, QComboBox)
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    panel.transforms.add(TRANSFORMS[1])
    assert not model.item(2).isEnabled()
    assert model.item(2).toolTip() == "First and its transforms do not run on it."
    panel.transforms.add(NETWORK)
    assert model.item(2).isEnabled()
    panel.options.set_values({"device": "cuda:0"})
    qtbot.mouseClick(panel.transforms._steps[1].remove_button, Qt.MouseButton.LeftButton)
    assert panel.options.values()["device"] == "auto"


def test_run_is_told_and_greyed_out_without_a_cube(qtbot: Any, panel: DetectorPanel) -> None:
    with qtbot.waitSignal(panel.run_requested):
        qtbot.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    panel.set_ready(False)
    assert not panel.run_button.isEnabled()
    assert "Open a cube" in panel.run_button.toolTip()


def test_errors_appear_where_they_belong(panel: DetectorPanel) -> None:
    panel.choose("ring")
    panel.transforms.add(TRANSFORMS[0])
    panel.show_error("inner", "inner: must be odd.")
    panel.show_error("bands", "The band choice selects no band.")
    panel.show_error("share", "share: is too large.", 0)
    texts = [label.text() for label in panel.findChildren(type(panel.error)) if label.text()]
    assert sorted(texts) == ["Is too large.", "Must be odd.", "The band choice selects no band."]
    panel.show_error("region", "The region lies outside.")
    assert panel.error.text() == "The region lies outside."
    panel.clear_errors()
    assert not [label for label in panel.findChildren(type(panel.error)) if label.text()]


def test_the_panel_tells_once_that_it_is_on_screen(qtbot: Any) -> None:
    panel = DetectorPanel()
    qtbot.addWidget(panel)
    told: list[bool] = []
    panel.shown_first.connect(lambda: told.append(True))
    for _ in range(2):
        panel.show()
        panel.hide()
    assert told == [True]


def test_runs_show_state_progress_and_reason(qtbot: Any, panel: DetectorPanel) -> None:
    jobs = panel.jobs
    assert not jobs.isVisible()
    panel.show_job(JobLine(1, "GRX", "running", 0.25, 75.0, "Scores"))
    panel.show_job(JobLine(2, "GRX 2", "queued"))
    panel.show_job(JobLine(3, "GRX 3", "failed", error="Memory ran out."))
    assert jobs.isVisible()
    assert jobs.numbers == [1, 2, 3]
    assert "1:15" in jobs.text_of(1)
    assert "Queued" in jobs.text_of(2)
    assert jobs.text_of(3) == "GRX 3 Failed Memory ran out."
    with qtbot.waitSignal(panel.cancel_requested) as asked:
        qtbot.mouseClick(jobs.button_of(1), Qt.MouseButton.LeftButton)
    assert asked.args == [1]
    with qtbot.waitSignal(panel.clear_requested) as asked:
        qtbot.mouseClick(jobs.button_of(3), Qt.MouseButton.LeftButton)
    assert asked.args == [3]
    for number in (1, 2, 3):
        panel.remove_job(number)
    assert not jobs.isVisible()


def test_elapsed_time_goes_on_without_progress(qtbot: Any, panel: DetectorPanel, monkeypatch: Any) -> None:
    now = [1000.0]
    monkeypatch.setattr("hadviewer.gui.views.jobs_view.time.monotonic", lambda: now[0])
    panel.show_job(JobLine(1, "GRX", "running", None, 3.0, "Reading"))
    now[0] += 60
    panel.jobs._tick()
    assert "1:03" in panel.jobs.text_of(1)


def test_superpixels_are_offered_to_detectors_that_take_them_once_there_are_some(panel: DetectorPanel) -> None:
    spec = DetectorSpec("pool", "Pool", "Local", "Pools.", NoParams, print, takes=("segments",))
    panel.set_detectors([*DETECTORS, spec])
    panel.set_segments(400)
    assert not panel.use_segments.isVisible()
    panel.choose("pool")
    assert panel.use_segments.isVisible()
    assert not panel.uses_segments()
    panel.use_segments.click()
    assert panel.uses_segments()
    panel.set_segments(0)
    assert not panel.use_segments.isEnabled()
    assert not panel.uses_segments()
    panel.set_segments(10)
    panel.choose("ring")
    assert not panel.uses_segments()


def test_presets_stand_above_the_form_of_their_detector(panel: DetectorPanel) -> None:
    spec = DetectorSpec("net", "Net", "Deep", "Learns.", ShareParams, print, presets={"Published": {"share": 0.25}})
    panel.set_detectors([*DETECTORS, spec])
    panel.choose("ring")
    assert not panel._presets["ring"].isVisible()
    panel.choose("net")
    assert panel._presets["net"].isVisible()
    panel._presets["net"].choose("Published")
    request = panel.request()
    assert request is not None
    assert request.params == {"share": 0.25}


def test_a_background_region_is_offered_where_the_detector_takes_one(panel: DetectorPanel) -> None:
    spec = DetectorSpec("scene", "Scene", "Statistical", "Statistics.", NoParams, print, takes=("background",))
    panel.set_detectors([*DETECTORS, spec])
    panel.scope.offer([(1, "Lake")])
    panel.choose("scene")
    panel.scope.choose("background", 1)
    assert panel.scope.chosen() == {"background": 1}
    panel.choose("ring")
    assert panel.scope.chosen() == {}
