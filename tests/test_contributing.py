"""The detector that CONTRIBUTING.md tells newcomers to write works as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hadviewer
from hadviewer.engine import catalog

CONTRIBUTING = Path(__file__).resolve().parent.parent / "CONTRIBUTING.md"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The example as a module of its own, loaded as a plug-in."""
    found = re.search(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "example_of_a_detector.py").write_text(found.group(1), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "example_of_a_detector")
    catalog.detectors.cache_clear()
    yield "meandist"
    monkeypatch.undo()
    catalog.detectors.cache_clear()


def test_the_example_detector_finds_the_odd_pixel(plugin: str) -> None:
    cube = np.ones((5, 7, 3), np.float32)
    cube[2, 4] = 9.0
    spec = catalog.detectors().get(plugin)
    assert spec.summary == "How far each pixel lies from the mean spectrum of the scene."
    scores = hadviewer.detect(cube, plugin).scores
    assert scores.dtype == np.float32
    assert np.unravel_index(scores.argmax(), scores.shape) == (2, 4)
