"""A mask drawn where one looks is the mask of the whole scene; very large ones are roughly so at first."""

from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.core.cube import Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import verbs
from hadviewer.engine.session import Layer, Session
from hadviewer.gui.controllers import _mask_tiles as module
from hadviewer.gui.controllers._layer_drawings import Drawings
from hadviewer.gui.controllers._mask_tiles import MaskTiles
from hadviewer.render.tile_sources import ArrayTiles
from hadviewer.render.tiling import Address

ROWS, COLS, TILE = 90, 130, 16


@pytest.fixture
def scores() -> np.ndarray:
    found = np.random.default_rng(0).random((ROWS, COLS), np.float32)
    found[5:9, 14:18] = np.nan
    return found


def addresses(tiles: Any, step: int) -> list[Address]:
    rows, cols = (-(-size // (TILE * step)) for size in (ROWS, COLS))
    return [Address(step, row, col) for row in range(rows) for col in range(cols)]


@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize(
    "cleaning",
    [UNCLEANED, Cleaning(3), Cleaning(12), Cleaning(1, 8, 3), Cleaning(9, 4, 2), Cleaning(500)],
    ids=["as-it-is", "sieve", "large", "gaps", "both", "nothing-left"],
)
def test_each_tile_is_a_part_of_the_whole_mask(scores: np.ndarray, cleaning: Cleaning, step: int) -> None:
    tiles = MaskTiles(scores, 0.8, cleaning, "#ff3b30", TILE)
    whole = tiles.whole()
    assert not tiles.rough
    for address in addresses(tiles, step):
        assert np.array_equal(tiles.draw(address), whole.draw(address)), address


def test_large_tiles_lose_lonely_pixels_and_keep_objects(scores: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    scores[:] = 0
    scores[8:11, 8:11] = 1
    scores[60, 100] = 1
    monkeypatch.setattr(module, "NEAR", 100)
    tiles = MaskTiles(scores, 0.5, Cleaning(4), "#ff3b30", TILE)
    assert tiles.rough
    assert not MaskTiles(scores, 0.5, UNCLEANED, "#ff3b30", TILE).rough
    drawn = tiles.draw(Address(8, 0, 0))[..., 3] > 0
    assert drawn[1, 1]
    assert drawn.sum() == 1


@pytest.fixture
def session(scores: np.ndarray) -> Session:
    session = Session()
    session.open(Scene(verbs.as_cube(np.ones((ROWS, COLS, 2), np.float32), "field")))
    session.add_result(DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1), "GRX")
    return session


def mask_layer(session: Session, threshold: float) -> Layer:
    entry = session.state.results[0]
    session.set_threshold(entry.id, threshold, cleaning=Cleaning(4))
    layer = session.mask_layer(entry.id)
    assert layer is not None
    return layer


def test_the_whole_mask_follows_the_rough_one_unless_the_threshold_went_on(
    session: Session, held_jobs: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NEAR", 100)
    drawings = Drawings(session, held_jobs, messages, lambda: None)
    first, second = mask_layer(session, 0.7), mask_layer(session, 0.8)
    drawings.draw(first)
    held_jobs.perform(0)
    rough = drawings.of(first)
    assert rough is not None
    assert isinstance(rough.tiles, MaskTiles)
    drawings.retain([second])
    drawings.draw(second)
    while held_jobs.held:
        held_jobs.perform(0)
    assert drawings.of(first) is None
    exact = drawings.of(second)
    assert exact is not None
    assert isinstance(exact.tiles, ArrayTiles)
    assert np.array_equal(exact.tiles.content, MaskTiles(rough.content, 0.8, Cleaning(4), "#ff3b30").whole().content)  # type: ignore[arg-type]
