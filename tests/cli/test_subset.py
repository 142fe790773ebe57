"""The command subset: what of a cube is written, and what is refused."""

import json

import numpy as np
import pytest

from hadviewer.engine.verbs import open_scene


@pytest.fixture
def demo(shell, tmp_path):
    shell.json("demo", "--out", tmp_path / "demo")
    return tmp_path / "demo" / "hadviewer-demo.hdr"


@pytest.mark.parametrize("ending", [".hdr", ".tif"])
def test_a_part_is_written_and_says_so(shell, demo, tmp_path, ending):
    target = tmp_path / "new" / f"part{ending}"
    found = shell.json("subset", demo, target, "--lines", "11-30", "--samples", "5-44", "--bands", "500-900nm")
    whole, part = open_scene(demo).cube, open_scene(target).cube
    assert found["shape"] == list(part.shape)
    assert found["shape"][:2] == [20, 40]
    assert (found["first_line"], found["last_sample"]) == (11, 44)
    chosen = np.array(found["bands"]) - 1
    np.testing.assert_array_equal(part.values(), whole.values(chosen)[10:30, 4:44])
    np.testing.assert_array_equal(part.bands.centres, whole.bands.centres[chosen])
    assert shell("subset", demo, target) == 0
    assert f"{whole.shape[0]} lines × {whole.shape[1]} samples" in shell.out


def test_a_region_cuts_and_masks(shell, demo, tmp_path):
    ring = [[10, 10], [20, 10], [20, 14], [10, 10]]
    feature = {"type": "Feature", "properties": {"name": "A", "coordinates": "pixel"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    regions = tmp_path / "regions.geojson"
    regions.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    flags = ("--roi", f"{regions}:A", "--mask", "--values", "scaled")
    found = shell.json("subset", demo, tmp_path / "part.hdr", *flags)
    values = open_scene(tmp_path / "part.hdr").cube.values()
    assert found["nodata"] == -9999
    assert 0 < np.isfinite(values[:, :, 0]).sum() < values[:, :, 0].size


def test_what_makes_no_sense_is_refused_before_anything_is_written(shell, demo, tmp_path):
    assert "--roi must name one" in shell.refuses(2, "subset", demo, tmp_path / "part.hdr", "--mask")
    assert "does not lie inside lines" in shell.refuses(2, "subset", demo, tmp_path / "part.hdr", "--lines", "9-9999")
    assert "does not say what to write" in shell.refuses(3, "subset", demo, tmp_path / "part.jpg")
    assert "would replace the file" in shell.refuses(3, "subset", demo, demo)
    assert not list(tmp_path.glob("part*"))
