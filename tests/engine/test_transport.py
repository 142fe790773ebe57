"""Objects travel between processes unchanged and leave no shared memory behind."""

import dataclasses
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from hadviewer.core.errors import ParamError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.transport import INLINE_BYTES, Parcel, discard, pack, unpack


def exists(name):
    try:
        block = SharedMemory(name)
    except FileNotFoundError:
        return False
    block.close()
    return True


LARGE = st_numpy.arrays(
    st.sampled_from(["<f4", "<f8", "<i2", "u1", "?", "<c16"]),
    st.tuples(st.integers(0, 70), st.integers(1, 70), st.integers(1, 40)),
)


@settings(max_examples=40, deadline=None)
@given(LARGE, st.permutations([0, 1, 2]), st.integers(1, 3))
def test_arrays_of_any_type_shape_and_layout_arrive_equal(array, axes, step):
    view = array.transpose(axes)[::step]
    arrived = unpack(pack({"whole": array, "view": view, "text": "beside"}))
    assert arrived["text"] == "beside"
    for name, sent in (("whole", array), ("view", view)):
        assert arrived[name].dtype == sent.dtype
        np.testing.assert_array_equal(arrived[name], sent)


def test_large_arrays_do_not_travel_in_the_message():
    parcel = pack(np.zeros(10 * INLINE_BYTES, np.uint8))
    assert parcel.block is not None
    assert len(parcel.body) < 1000
    unpack(parcel)


def test_small_things_need_no_shared_memory():
    parcel = pack((1, "two", np.arange(100)))
    assert parcel.block is None
    assert parcel.spans == ()


def test_what_arrives_is_private_and_writable():
    original = np.zeros((200, 300), np.float64)
    parcel = pack(original)
    arrived = unpack(parcel)
    arrived[0] = 1
    assert (original == 0).all()
    assert arrived.flags.writeable


def test_several_large_arrays_keep_their_places():
    arrays = [np.full(INLINE_BYTES + number, number, np.uint8) for number in range(5)]
    for number, array in enumerate(unpack(pack(arrays))):
        assert len(array) == INLINE_BYTES + number
        assert (array == number).all()


def test_unpacking_frees_the_shared_memory():
    parcel = pack(np.zeros(100_000))
    assert exists(parcel.block)
    unpack(parcel)
    assert not exists(parcel.block)


def test_discarding_frees_the_shared_memory_and_may_be_done_twice():
    parcel = pack(np.zeros(100_000))
    discard(parcel)
    assert not exists(parcel.block)
    discard(parcel)
    discard(Parcel(b"nothing"))


def test_what_cannot_be_packed_leaves_nothing():
    with pytest.raises(Exception, match=r"[Pp]ickle"):
        pack([np.zeros(100_000), lambda: None])


def test_a_result_arrives_complete():
    scores = np.random.default_rng(0).normal(size=(200, 300)).astype(np.float32)
    result = DetectionResult(
        DetectionRequest(detector="grx", params={"loading": 0.5}, seed=3), scores, scores > 0, 1.5, "cpu", ("a note",)
    )
    arrived = unpack(pack(result))
    for field in dataclasses.fields(DetectionResult):
        sent, got = getattr(result, field.name), getattr(arrived, field.name)
        np.testing.assert_array_equal(got, sent) if isinstance(sent, np.ndarray) else None
        assert isinstance(sent, np.ndarray) or got == sent


def test_errors_arrive_with_all_they_say():
    arrived = unpack(pack(ParamError("Wrong.", field="inner", hint="Do this.", details="many lines")))
    assert isinstance(arrived, ParamError)
    assert (arrived.message, arrived.field, arrived.hint, arrived.details) == (
        "Wrong.",
        "inner",
        "Do this.",
        "many lines",
    )
    assert str(arrived) == "Wrong. Do this."
