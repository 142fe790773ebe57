"""The catalogue finds what is in the package and in plug-ins, and shows what could not be loaded."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hadviewer.core.errors import ParamError
from hadviewer.core.specs import SPEC_ATTRIBUTE, family_place
from hadviewer.engine import catalog

LOADERS = (catalog.detectors, catalog.transforms, catalog.readers, catalog.writers)

PLUGIN = '''
"""A plug-in with a detector and a transform."""
from hadviewer.core.specs import detector, transform

@detector(id="brightest", title="Brightest pixel", family="Test")
def brightest(cube, p, ctx):
    """How bright each pixel is."""
    return cube.sum(axis=2)

@transform(id="nothing", title="Nothing at all")
def nothing(cube, p, ctx):
    """Leave everything as it is."""
    return cube
'''


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A function that makes a module of this text a plug-in."""

    def install(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        named = ",".join([*filter(None, [__import__("os").environ.get(catalog.PLUGIN_VARIABLE)]), name])
        monkeypatch.setenv(catalog.PLUGIN_VARIABLE, named)
        for load in LOADERS:
            load.cache_clear()

    yield install
    monkeypatch.undo()
    for load in LOADERS:
        load.cache_clear()


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (catalog.detectors, {"grx"}),
        (catalog.transforms, {"pca"}),
        (catalog.readers, {"envi", "mat", "numpy"}),
        (catalog.writers, {"envi", "geotiff", "npy", "mat", "png"}),
    ],
    ids=["detectors", "transforms", "readers", "writers"],
)
def test_everything_of_this_package_is_found(load, expected):
    found = load()
    assert expected <= set(found.specs)
    assert found.broken == {}
    assert all(spec.id == name for name, spec in found.specs.items())
    places = [(family_place(getattr(spec, "family", "")), spec.title.lower()) for spec in found]
    assert places == sorted(places)


def test_what_is_not_there_is_refused_with_what_is():
    with pytest.raises(ParamError, match=r"There is no detector 'grxx'\. Known: .*grx") as caught:
        catalog.detectors().get("grxx")
    assert caught.value.field == "detector"
    assert "grx" in catalog.detectors()
    assert "grxx" not in catalog.detectors()


def test_a_plug_in_of_the_environment_brings_detectors_and_transforms(plug_in):
    plug_in("a_plug_in", PLUGIN)
    assert catalog.detectors().get("brightest").summary == "How bright each pixel is."
    assert catalog.transforms().get("nothing").title == "Nothing at all"
    assert "nothing" not in catalog.detectors()


def test_a_plug_in_package_announces_itself(plug_in, monkeypatch):
    plug_in("announced", PLUGIN)
    monkeypatch.delenv(catalog.PLUGIN_VARIABLE)
    points = {"hadviewer.detectors": [EntryPoint("mine", "announced", "hadviewer.detectors")]}
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points.get(group, []))
    assert "brightest" in catalog.detectors()
    assert "nothing" not in catalog.transforms()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise RuntimeError('out of order')", "RuntimeError: out of order"),
        ("import a_package_that_is_not_there", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        (PLUGIN.replace("brightest", "grx"), "the id 'grx' is taken by two"),
    ],
    ids=["fails", "needs another", "not Python", "takes an id"],
)
def test_a_broken_plug_in_is_listed_with_its_reason_and_the_rest_works(plug_in, text, reason):
    plug_in("broken_one", text)
    plug_in("sound_one", PLUGIN)
    found = catalog.detectors()
    assert reason in found.broken["broken_one"]
    assert {"grx", "brightest"} <= set(found.specs)
    with pytest.raises(ParamError) as caught:
        found.get("no-such")
    assert "broken_one could not be loaded" in caught.value.details


def test_a_plug_in_that_is_not_there_is_broken(plug_in, monkeypatch):
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "no_such_module, ")
    assert list(catalog.detectors().broken) == ["no_such_module"]


def test_describing_leaves_the_function_as_it_was():
    spec = catalog.detectors().get("grx")
    assert spec.function.__name__ == "grx"
    assert getattr(spec.function, SPEC_ATTRIBUTE) is spec


def test_listing_the_catalogue_loads_no_heavy_library():
    script = (
        "import sys; from hadviewer.engine import catalog as c\n"
        "[load() for load in (c.detectors, c.transforms, c.readers, c.writers)]\n"
        "heavy = {'torch', 'scipy', 'skimage', 'spectral', 'h5py', 'rasterio', 'PyQt6'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or None)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
