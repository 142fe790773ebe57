"""The image view: what is under the cursor is what is told, wherever the zoom stands."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QColor, QWheelEvent
from PyQt6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from hadviewer.core.cube import Window
from hadviewer.gui.views.data import ColourScale, LayerPicture, Marker, Outline
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import LARGEST_PIXEL
from hadviewer.render.cache import ArrayCache
from hadviewer.render.colormaps import colour_table
from hadviewer.render.composite import Rgba, composite
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.overlay import mask_picture, outline
from hadviewer.render.pyramid import Reduce, shrink_max, shrink_mean
from hadviewer.render.stretch import Curve
from hadviewer.render.tile_sources import ArrayTiles
from hadviewer.render.tiling import Address

ROWS, COLS = 30, 50


def mosaic(content: np.ndarray, reduce: Reduce, paint: Callable[[np.ndarray], Rgba], *, exact: bool) -> Mosaic:
    """A picture with all its tiles, small ones so that there are several."""

    class Tiles(ArrayTiles):
        pass

    Tiles.exact = exact
    source = Tiles(content, reduce, paint, tile=16 if max(content.shape) < 100 else 256)
    picture = Mosaic(source, ArrayCache(2**28))
    step = 1
    while step < 2 * max(content.shape):
        for address in source.grid.covering(Window(0, content.shape[0], 0, content.shape[1]), step):
            picture.draw(address)
        step *= 2
    return picture


def picture_of(planes: np.ndarray) -> Mosaic:
    """A grey picture of values 0..255."""
    return mosaic(
        planes.astype(np.float32), shrink_mean, lambda plane: composite([plane], [Curve(0, 255)]), exact=False
    )


def mask_layer(mask: np.ndarray, colour: str = "#ff0000", opacity: float = 1.0) -> LayerPicture:
    return LayerPicture(1, mosaic(mask, shrink_max, lambda plane: mask_picture(plane, colour), exact=True), opacity)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    qtbot.waitExposed(view)
    view.set_scene((ROWS, COLS))
    row, col = np.mgrid[:ROWS, :COLS]
    view.set_image(picture_of((row * 7 + col * 3) % 256))
    return view


def at(view: ImageView, row: int, col: int) -> QPoint:
    return view.position_of(row, col).toPoint()


def colour_at(view: ImageView, row: int, col: int) -> tuple[int, int, int]:
    colour = QColor(view.grab().toImage().pixel(at(view, row, col)))
    return colour.red(), colour.green(), colour.blue()


@pytest.mark.parametrize("pixel", [(0, 0), (0, COLS - 1), (ROWS - 1, 0), (ROWS - 1, COLS - 1), (13, 29)])
@pytest.mark.parametrize("zoom", [None, 300, 2000])
def test_a_click_tells_the_pixel_that_was_hit(
    view: ImageView, qtbot: QtBot, pixel: tuple[int, int], zoom: int | None
) -> None:
    if zoom is not None:
        view.set_zoom(zoom)
        view.centre_on(*pixel)
    with qtbot.waitSignal(view.pixel_clicked) as clicked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, *pixel))
    assert tuple(clicked.args) == pixel
    assert view.crosshair == pixel


def test_every_pixel_is_painted_in_its_own_colour(view: ImageView) -> None:
    for row, col in [(0, 0), (ROWS - 1, COLS - 1), (5, 7), (20, 33)]:
        value = (row * 7 + col * 3) % 256
        assert colour_at(view, row, col) == (value,) * 3


def test_the_cursor_is_told_once_per_pixel_and_none_beside_the_scene(view: ImageView, qtbot: QtBot) -> None:
    told: list[object] = []
    view.pixel_hovered.connect(told.append)
    qtbot.mouseMove(view, at(view, 3, 4))
    qtbot.mouseMove(view, at(view, 3, 4) + QPoint(1, 1))
    qtbot.mouseMove(view, at(view, 3, 5))
    qtbot.mouseMove(view, QPoint(1, 1))
    assert told == [(3, 4), (3, 5), None]


def test_a_new_scene_fits_and_stays_fitted_when_resized(view: ImageView, qtbot: QtBot) -> None:
    for size in [(600, 400), (300, 500), (1000, 250)]:
        view.resize(*size)
        corners = [view.position_of(0, 0), view.position_of(ROWS - 1, COLS - 1)]
        assert all(view.rect().contains(corner.toPoint()) for corner in corners)
        assert view.pixel_at(QPointF(size[0] / 2 + 1, size[1] / 2 + 1)) == (ROWS // 2, COLS // 2)


def wheel(view: ImageView, position: QPoint, notches: float) -> None:
    event = QWheelEvent(
        QPointF(position),
        QPointF(view.mapToGlobal(position)),
        QPoint(),
        QPoint(0, int(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_and_keeps_the_pixel_under_the_cursor(view: ImageView) -> None:
    place, before = at(view, 10, 40), view.zoom
    wheel(view, place, 3)
    assert view.zoom == pytest.approx(before * 1.25**3)
    assert view.pixel_at(QPointF(place)) == (10, 40)
    wheel(view, place, -3)
    assert view.zoom == pytest.approx(before)


def test_zoom_has_ends(view: ImageView) -> None:
    wheel(view, at(view, 5, 5), 200)
    assert view.zoom == pytest.approx(LARGEST_PIXEL * 100 * view.devicePixelRatioF())
    wheel(view, at(view, 5, 5), -400)
    assert view.zoom > 1
    assert not view.grab().isNull()


def test_one_to_one_and_fit(view: ImageView) -> None:
    fitted = view.zoom
    percents: list[float] = []
    view.zoom_changed.connect(percents.append)
    view.actual_size()
    assert view.zoom == pytest.approx(100)
    view.zoom_in()
    view.zoom_in()
    view.zoom_out()
    assert percents == pytest.approx([100, 200, 400, 200])
    view.fit()
    assert view.zoom == pytest.approx(fitted)


@pytest.mark.parametrize(
    ("button", "keys"),
    [
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_dragging_moves_the_scene_and_clicks_nothing(
    view: ImageView, qtbot: QtBot, button: Qt.MouseButton, keys: Qt.KeyboardModifier
) -> None:
    clicks: list[object] = []
    view.pixel_clicked.connect(lambda *pixel: clicks.append(pixel))
    start = at(view, 10, 10)
    goal = start + QPoint(63, -41)
    qtbot.mousePress(view, button, keys, start)
    for share in (0.2, 0.6, 1.0):
        place = start + QPoint(round(63 * share), round(-41 * share))
        moved(view, place, button, keys)
    qtbot.mouseRelease(view, button, keys, goal)
    assert view.pixel_at(QPointF(goal)) == (10, 10)
    assert clicks == []
    assert view.crosshair is None


def moved(view: ImageView, place: QPoint, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QMouseEvent

    here, there = QPointF(place), QPointF(view.mapToGlobal(place))
    event = QMouseEvent(QEvent.Type.MouseMove, here, there, Qt.MouseButton.NoButton, button, keys)
    QApplication.sendEvent(view, event)


def test_the_scene_cannot_be_dragged_out_of_sight(view: ImageView, qtbot: QtBot) -> None:
    view.set_zoom(1000)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    moved(view, QPoint(99_000, 99_000), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(99_000, 99_000))
    assert view.pixel_at(QPointF(301, 201)) == (0, 0)


def test_a_double_click_is_one_click(view: ImageView, qtbot: QtBot) -> None:
    clicks: list[object] = []
    view.pixel_clicked.connect(lambda *pixel: clicks.append(pixel))
    place = at(view, 5, 6)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert clicks[0] == (5, 6)
    assert len(clicks) <= 2


def test_arrow_keys_move_the_crosshair_and_tell_its_pixel(view: ImageView, qtbot: QtBot) -> None:
    told: list[object] = []
    view.pixel_hovered.connect(told.append)
    view.set_crosshair((5, 6))
    shift = Qt.KeyboardModifier.ShiftModifier
    far = shift | Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(view, Qt.Key.Key_Down, shift)
    qtbot.keyClick(view, Qt.Key.Key_Right, far)
    qtbot.keyClick(view, Qt.Key.Key_Up, far)
    assert told == [(6, 6), (6, 16), (0, 16)]
    assert view.crosshair == (0, 16)
    with qtbot.waitSignal(view.pixel_clicked) as clicked:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert clicked.args == [0, 16]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.crosshair is None


def test_a_crosshair_that_leaves_the_view_is_followed(view: ImageView, qtbot: QtBot) -> None:
    view.set_zoom(5000)
    view.set_crosshair((2, 2))
    far = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(view, Qt.Key.Key_Right, far)
    assert view.rect().contains(at(view, 2, 12))


def test_layers_lie_over_the_image_in_order_at_their_opacity(view: ImageView) -> None:
    view.set_image(picture_of(np.full((ROWS, COLS), 100)))
    mask = np.zeros((ROWS, COLS), dtype=bool)
    mask[8, 9] = True
    view.set_layers([mask_layer(mask, "#0000ff"), mask_layer(mask, "#ff0000", 0.5)])
    red, green, blue = colour_at(view, 8, 9)
    assert (red, green, blue) == pytest.approx((128, 0, 127), abs=2)
    assert colour_at(view, 8, 10) == (100, 100, 100)


def test_one_pixel_of_a_mask_is_seen_however_far_one_zooms_out(qtbot: QtBot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.set_scene((1501, 1501))
    view.set_image(picture_of(np.zeros((1501, 1501))))
    for place in [(1500, 1500), (701, 333), (0, 1)]:
        mask = np.zeros((1501, 1501), dtype=bool)
        mask[place] = True
        view.set_layers([mask_layer(mask)])
        for percent in (60, 11, 5):
            view.set_zoom(percent)
            view.centre_on(*place)
            pixels = view.grab().toImage()
            near = [QColor(pixels.pixel(at(view, *place) + QPoint(x, y))) for x in (-1, 0) for y in (-1, 0)]
            assert max(colour.red() for colour in near) == 255, (place, percent)


def test_outlines_are_thin_lines_where_pixels_are_large(view: ImageView) -> None:
    target = np.zeros((ROWS, COLS), dtype=bool)
    target[8, 9] = True
    ring = replace(mask_layer(outline(target)), outline=Outline(target, "#ff0000", 2))
    view.set_image(picture_of(np.full((ROWS, COLS), 100)))
    view.set_layers([ring])
    view.set_zoom(200)
    assert colour_at(view, 8, 10) == (255, 0, 0), "pixels beside the target while they are small"
    view.set_zoom(1600)
    view.centre_on(8, 9)
    grey = (100, 100, 100)
    assert [colour_at(view, row, col) for row, col in ((8, 9), (8, 10), (7, 9), (7, 8))] == [grey] * 4
    pixels = view.grab().toImage()
    middle = at(view, 8, 9)
    for x, y in ((8, 0), (-8, 0), (0, 8), (0, -8)):
        near = [QColor(pixels.pixel(middle + QPoint(x + i, y + j))).red() for i in (-1, 0) for j in (-1, 0)]
        assert 255 in near, "a line on each side of the target"


def test_marks_and_crosshair_leave_their_pixel_in_sight(view: ImageView) -> None:
    before = colour_at(view, 12, 13)
    plain = view.grab().toImage()
    view.set_markers([Marker(12, 13, "#ff00ff", symbol) for symbol in ("circle", "square")])
    view.set_crosshair((12, 13))
    assert colour_at(view, 12, 13) == before
    assert view.grab().toImage() != plain


def test_the_colour_bar_takes_its_room_from_the_image(view: ImageView, qtbot: QtBot) -> None:
    view.set_colour_scale(ColourScale("GRX", colour_table("inferno"), (1.0, 3.0)))
    assert view._bar.isVisible()
    assert view._bar.labels() == [(0.0, "1"), (0.5, "2"), (1.0, "3")]
    assert at(view, 0, COLS - 1).x() < view._bar.x()
    with qtbot.waitSignal(view.pixel_clicked) as clicked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 0, COLS - 1))
    assert clicked.args == [0, COLS - 1]
    view.set_colour_scale(None)
    assert not view._bar.isVisible()


def test_an_empty_view_invites_and_ignores_the_mouse(view: ImageView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.pixel_clicked), qtbot.assertNotEmitted(view.pixel_hovered):
        view.set_scene(None)
        qtbot.mouseMove(view, QPoint(100, 100))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        wheel(view, QPoint(100, 100), 1)
        view.fit()
    assert len({view.grab().toImage().pixel(x, 200) for x in range(150, 450)}) > 3, "there is text"


@pytest.mark.parametrize("percent", [900, 1200, 470, 100])
def test_coarser_tiles_stand_in_at_their_places(view: ImageView, percent: int) -> None:
    row, col = np.mgrid[:ROWS, :COLS]
    blocks = (row // 4 * 31 + col // 4 * 17) % 200
    whole = picture_of(blocks)
    partial = Mosaic(whole.source, ArrayCache(2**24))
    partial.draw(Address(4, 0, 0))
    view.set_image(partial)
    view.set_zoom(percent)
    for pixel in [(4, 8), (27, 41), (13, 30)]:
        view.centre_on(*pixel)
        assert colour_at(view, *pixel) == (blocks[pixel],) * 3


@pytest.mark.parametrize("percent", [20, 37, 50, 64, 99, 100, 130, 333])
def test_tiles_leave_no_seams(view: ImageView, percent: int) -> None:
    view.set_scene((97, 83))
    view.set_image(picture_of(np.full((97, 83), 200)))
    mask = np.ones((97, 83), dtype=bool)
    view.set_layers([mask_layer(mask, "#0000ff", 0.5)])
    for centre in [(48, 41), (30, 52), (11, 7)]:
        view.set_zoom(percent)
        view.centre_on(*centre)
        assert view.mapping is not None
        area = view.mapping.seen.adjusted(1, 1, -1, -1).toRect()
        pixels = view.grab(area).toImage()
        colours = {pixels.pixel(x, y) for x in range(pixels.width()) for y in range(pixels.height())}
        assert len(colours) == 1, [QColor(colour).name() for colour in colours]


def test_arrow_keys_belong_to_the_crosshair_while_there_is_one_and_to_the_menu_else(qtbot: QtBot) -> None:
    window, view = QMainWindow(), ImageView()
    qtbot.addWidget(window)
    window.setCentralWidget(view)
    action = QAction("Next band", window)
    action.setShortcut("Right")
    window.addAction(action)
    bands: list[bool] = []
    action.triggered.connect(bands.append)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    view.set_scene((ROWS, COLS))
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert len(bands) == 1
    view.set_crosshair((4, 4))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert len(bands) == 2
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.crosshair == (4, 5)
    assert len(bands) == 2
