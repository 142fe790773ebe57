"""The product with a triangle: equal to the full product, and refusing what would read beyond an array."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hadviewer.detectors._blas import multiply_by_upper


@given(st.integers(0, 40), st.integers(1, 70), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_product_equals_the_full_one(count: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, square = rng.normal(size=(count, size)), rng.normal(size=(size, size))
    wanted = rows @ np.triu(square)
    multiply_by_upper(rows, square)
    np.testing.assert_allclose(rows, wanted, rtol=1e-12, atol=1e-12)


def test_a_row_of_nan_changes_no_other() -> None:
    rng = np.random.default_rng(1)
    rows, upper = rng.normal(size=(300, 50)), np.triu(rng.normal(size=(50, 50)))
    wanted = rows @ upper
    rows[7] = np.nan
    multiply_by_upper(rows, upper)
    assert np.isnan(rows[7]).all()
    np.testing.assert_allclose(np.delete(rows, 7, axis=0), np.delete(wanted, 7, axis=0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("rows", "upper"),
    [
        (np.zeros((3, 4)), np.zeros((5, 5))),
        (np.zeros((3, 4)), np.zeros((4, 5))),
        (np.zeros((3, 4), dtype=np.float32), np.zeros((4, 4))),
        (np.zeros((4, 3)).T, np.zeros((4, 4))),
        (np.zeros(4), np.zeros((4, 4))),
        (np.broadcast_to(np.zeros((1, 4)), (1, 4)), np.zeros((4, 4))),
    ],
)
def test_arrays_that_do_not_fit_are_refused(rows: np.ndarray, upper: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"fit|contiguous|writeable"):
        multiply_by_upper(rows, upper)
