"""Pieces of work in threads: in order, a few ahead, stopped at once, and every limit on threads put back."""

import threading

import pytest
import torch

from hadviewer.core.context import Context
from hadviewer.core.errors import Cancelled
from hadviewer.detectors._parallel import in_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads):
    found = list(in_threads(lambda item: item**2, range(20), 20, "Squares", Context(threads=threads)))
    assert found == [(item, item**2) for item in range(20)]


def test_several_pieces_are_worked_on_at_the_same_time():
    both = threading.Barrier(2, timeout=10)
    assert len(list(in_threads(lambda _: both.wait(), range(4), 4, "Waiting", Context(threads=2)))) == 4


def test_items_are_taken_only_a_few_ahead():
    taken = []
    items = (taken.append(item) or item for item in range(50))
    results = in_threads(lambda item: item, items, 50, "Items", Context(threads=2))
    next(results)
    assert len(taken) <= 6
    results.close()


@pytest.mark.parametrize("threads", [1, 3])
def test_within_a_piece_there_is_one_thread_and_afterwards_as_many_as_before(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = in_threads(lambda _: torch.get_num_threads(), range(6), 6, "Threads", Context(threads=threads))
        assert [count for _, count in found] == [1] * 6
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 3])
def test_after_a_cancellation_no_other_piece_begins(threads):
    begun = []
    before = torch.get_num_threads()
    ctx = Context(threads=threads, cancelled=lambda: len(begun) >= 4)
    with pytest.raises(Cancelled):
        list(in_threads(begun.append, range(100), 100, "Items", ctx))
    assert len(begun) <= 4 + 2 * threads + 2
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_a_piece_ends_the_work(threads):
    def fail(item):
        if item == 3:
            raise ValueError("piece 3")
        return item

    with pytest.raises(ValueError, match="piece 3"):
        list(in_threads(fail, range(100), 100, "Items", Context(threads=threads)))
