"""Exports of the cube: the size is told before, what is wrong stands at its field, the files are those announced."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Scene, Window
from hadviewer.core.region import rectangle
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.engine.verbs import open_scene
from hadviewer.gui.controllers.cube_export import CubeExportController
from hadviewer.gui.views.data import CubeExportOrder
from hadviewer.gui.views.protocols import CubeExportDialogLike


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    return double(CubeExportDialogLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, dialog: Any, messages: Any, scene: Scene) -> CubeExportController:
    session.open(scene)
    return CubeExportController(session, jobs, dialog, messages)


def test_a_part_is_planned_and_written(
    controller: CubeExportController, session: Session, dialog: Any, messages: Any, tmp_path: Path
) -> None:
    cube = session.cube
    assert cube is not None
    session.regions.add((rectangle(Window(1, 4, 2, 6)),))
    controller.ask()
    title, path, regions, endings, first = dialog.offer.call_args.args
    assert first == session.first_pixel
    assert (title, Path(path).name) == (cube.name, f"{cube.name}_subset.hdr")
    assert set(endings) == {".hdr", ".tif"}
    order = CubeExportOrder(str(tmp_path / "part.hdr"), regions[0][0], {"bands": "1-3", "interleave": "bip"})
    dialog.order.return_value = order
    dialog.changed.emit()
    assert "ENVI: part.hdr, part.dat." in dialog.show_plan.call_args.args[0]
    assert "3 lines × 4 samples × 3 bands" in dialog.show_plan.call_args.args[0]
    dialog.ordered.emit(order)
    np.testing.assert_array_equal(
        open_scene(tmp_path / "part.hdr").cube.values(), cube.values(np.arange(3), Window(1, 4, 2, 6))
    )
    assert messages.info.call_args.args[0].startswith("part.hdr and part.dat written")
    dialog.changed.emit()
    assert "is replaced" in dialog.show_plan.call_args.args[0]


def test_what_is_wrong_is_said_at_its_field(controller: CubeExportController, dialog: Any, tmp_path: Path) -> None:
    for path, params, field, sentence in (
        (str(tmp_path / "a.hdr"), {"lines": "0"}, "lines", "does not lie inside"),
        (str(tmp_path / "a.hdr"), {"bands": "x"}, "bands", "is not a band choice"),
        (str(tmp_path / "a.jpg"), {}, "", "does not say what to write"),
        ("", {}, "path", "Choose a file"),
    ):
        dialog.order.return_value = CubeExportOrder(path, None, params)
        dialog.changed.emit()
        assert dialog.show_error.call_args.args[0] == field
        assert sentence in dialog.show_error.call_args.args[1]
