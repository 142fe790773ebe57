"""A picture of the view holds what was asked for, and its legend what is in sight."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.view_picture import ViewPictureController
from hadviewer.gui.views.data import ColourScale
from hadviewer.gui.views.display_protocols import PhotographerLike, ViewPictureDialogLike
from hadviewer.render.colormaps import colour_table

PLAIN = dict.fromkeys(("colour_bar", "legend", "scale_bar", "north_arrow", "crosshair"), False) | {"title": ""}
PICTURE = np.random.default_rng(0).integers(0, 255, (200, 300, 3)).astype(np.uint8)


@pytest.fixture
def photographer(double: Callable[[type], Any]) -> Any:
    photographer = double(PhotographerLike)
    photographer.take.return_value = PICTURE
    photographer.colour_scale = ColourScale("GRX", colour_table("viridis"), (0.0, 5.0), ((0.0, 0.0), (1.0, 5.0)))
    return photographer


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    dialog = double(ViewPictureDialogLike)
    dialog.order.return_value = PLAIN
    return dialog


@pytest.fixture
def controller(
    session: Session, jobs: Any, photographer: Any, dialog: Any, messages: Any, tmp_path: Path, scene: Scene
) -> ViewPictureController:
    session.open(scene)
    return ViewPictureController(
        session, jobs, photographer, dialog, messages, lambda name: tmp_path / "pictures" / f"{name}.png"
    )


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "pictures" / "small_view.png"


def written(path: Path) -> np.ndarray:
    with Image.open(path) as file:
        return np.asarray(file)


def test_with_nothing_added_the_picture_is_the_view(
    controller: ViewPictureController, dialog: Any, target: Path, messages: Any
) -> None:
    dialog.ordered.emit()
    assert np.array_equal(written(target), PICTURE)
    messages.info.assert_called_once()


def test_title_colour_bar_and_legend_stand_around_it(
    controller: ViewPictureController, dialog: Any, target: Path
) -> None:
    dialog.order.return_value = PLAIN | {"title": "San Diego", "colour_bar": True, "legend": True}
    dialog.ordered.emit()
    page = written(target)
    assert page.shape[0] > 200
    assert page.shape[1] > 300
    for colour in (colour_table("viridis")[255, :3], (0x00, 0xE5, 0xFF)):
        assert (np.abs(page - np.asarray(colour, dtype=float)).max(axis=2) <= 8).any()


def test_marks_are_asked_of_the_photographer(
    controller: ViewPictureController, dialog: Any, photographer: Any, target: Path
) -> None:
    dialog.order.return_value = PLAIN | {"scale_bar": True}
    dialog.ordered.emit()
    photographer.take.assert_called_once_with(scale_bar=True, north_arrow=False, crosshair=False)


def test_the_legend_names_what_is_in_sight(controller: ViewPictureController, session: Session, truth: Truth) -> None:
    assert [entry.text for entry in controller.legend()] == ["Truth"]
    session.update_layer(session.state.layers[0].id, visible=False)
    assert controller.legend() == []


def test_a_place_that_cannot_be_written_to_is_a_message(
    controller: ViewPictureController, dialog: Any, messages: Any, tmp_path: Path
) -> None:
    (tmp_path / "pictures").write_text("a file, not a folder")
    dialog.ordered.emit()
    messages.error.assert_called_once()


def test_without_a_scene_nothing_is_asked(
    session: Session, jobs: Any, photographer: Any, dialog: Any, messages: Any
) -> None:
    controller = ViewPictureController(session, jobs, photographer, dialog, messages, lambda name: None)
    controller.ask()
    dialog.present.assert_not_called()


def test_asking_suggests_the_name_of_the_scene(controller: ViewPictureController, dialog: Any, cube: Cube) -> None:
    controller.ask()
    dialog.present.assert_called_once_with(cube.name)
