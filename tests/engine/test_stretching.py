"""A stretch as the user means it becomes a curve for each channel."""

import numpy as np
import pytest

from hadviewer.engine.display import BENT, StretchIntent, StretchKind
from hadviewer.engine.stretching import alike, curve_of

SAMPLE = np.arange(1001, dtype=np.float32)


@pytest.mark.parametrize(
    ("stretch", "limits"),
    [
        (StretchIntent(), (20, 980)),
        (StretchIntent("linear", 5), (50, 950)),
        (StretchIntent("minmax"), (0, 1000)),
        (StretchIntent("deviation", sigmas=1), (500 - 288.96, 500 + 288.96)),
        (StretchIntent("root", 1), (10, 990)),
        (StretchIntent("log", 1), (10, 990)),
        (StretchIntent("equalise"), (1, 999)),
        (StretchIntent("gaussian"), (1, 999)),
        (StretchIntent("manual", limits=((3, 7),)), (3, 7)),
    ],
)
def test_limits_are_found_as_the_kind_says(stretch: StretchIntent, limits: tuple[float, float]) -> None:
    assert curve_of(stretch, 0, SAMPLE).limits == pytest.approx(limits, abs=0.1)


@pytest.mark.parametrize("kind", BENT)
def test_limits_by_hand_keep_the_kind_of_a_bent_stretch(kind: StretchKind) -> None:
    stretch = StretchIntent(kind).by_hand(((100, 200),))
    assert stretch.kind == kind
    assert curve_of(stretch, 0, SAMPLE).limits == (100, 200)


def test_limits_by_hand_make_a_straight_stretch_manual() -> None:
    assert StretchIntent("linear", 5).by_hand(((1, 2),)) == StretchIntent("manual", 5, ((1, 2),))


def test_a_channel_without_limits_of_its_own_is_stretched_as_usual() -> None:
    assert curve_of(StretchIntent("manual", limits=((3, 7),)), 2, SAMPLE).limits == (20, 980)


def test_limits_are_alike_while_they_differ_by_less_than_a_grey() -> None:
    assert alike((0, 255), (0.9, 254.5))
    assert not alike((0, 255), (0, 257))
