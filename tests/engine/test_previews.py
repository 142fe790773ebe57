"""A quick look shows what opening would show, without reading a large file whole."""

import numpy as np
import pytest

from hadviewer.core.errors import ParamError, ReadError
from hadviewer.engine import previews


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(3).integers(1, 4000, (30, 300, 400)).astype(np.int16)
    np.save(tmp_path / "field.npy", values)
    np.savetxt(tmp_path / "field_wavelengths.txt", np.linspace(0.4, 1.0, 30))
    return tmp_path / "field.npy"


def test_a_small_picture_with_size_type_and_wavelengths(path):
    seen = previews.look_at(path, "field", {})
    assert seen.shape == (300, 400, 30)
    assert seen.dtype == "int16"
    assert seen.wavelengths == "400.0 to 1000.0 nm"
    assert seen.picture.shape == (150, 200, 4)
    assert seen.picture[..., :3].std() > 20
    assert seen.shown == "True colour"
    assert any("micrometres assumed" in remark for remark in seen.remarks)


def test_options_change_what_is_seen(path):
    seen = previews.look_at(path, "field", {"order": "bip"})
    assert seen.shape == (30, 300, 400)
    assert not any("axes" in remark for remark in seen.remarks)


def test_of_a_large_scene_the_middle_is_read(path, monkeypatch):
    monkeypatch.setattr(previews, "MOST_BYTES", 100_000)
    seen = previews.look_at(path, "field", {})
    assert seen.shown.endswith("the middle of the scene")
    assert max(seen.picture.shape[:2]) <= previews.SIDE


def test_what_cannot_be_looked_at_is_refused(path):
    with pytest.raises(ParamError):
        previews.look_at(path, "field", {"order": "sideways"})
    with pytest.raises(ReadError):
        previews.look_at(path, "nothing", {})
