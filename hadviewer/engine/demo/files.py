"""The demo scene as files: an ENVI cube with its truth beside it."""

from pathlib import Path

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.params import NoParams
from hadviewer.core.specs import MapProduct
from hadviewer.engine.demo.scene import EDITION, SEED, make_demo
from hadviewer.io.sources import ArraySource
from hadviewer.io.writers.envi import write_envi, write_envi_cube

NAME = "hadviewer-demo"
DISPLAY_NM = (650.0, 550.0, 470.0)


def write_demo(folder: Path, seed: int = SEED) -> Path:
    """Write the demo scene and its truth into a folder, made if needed; returns the header of the cube.

    Four files: cube and truth, each an ENVI data file and header. No file is ever seen half-written, and the cube's
    header comes last. Raises WriteError.
    """
    scene = make_demo(seed)
    bands = BandSet(len(scene.wavelengths), scene.wavelengths, scene.fwhm, usable=scene.usable)
    header = folder / f"{NAME}.hdr"
    truth = MapProduct(
        kind="mask",
        array=scene.truth + np.uint8(1),  # a mask product counts 1 background, 2 anomaly
        title="Truth",
        description=f"Truth of the hadviewer demo scene, seed {seed}",
        cube=Cube(ArraySource(scene.cube), bands, geo=scene.geo),
    )
    write_envi(folder, truth_path(header).stem, truth, NoParams())
    write_envi_cube(
        header,
        scene.cube,
        bands,
        description=f"hadviewer demo scene, made by computation, seed {seed}",
        scale_factor=scene.scale,
        geo=scene.geo,
        default_bands=tuple(int(np.abs(scene.wavelengths - nm).argmin()) for nm in DISPLAY_NM),
        extra={"sensor type": "Simulated"},
    )
    return header


def demo_path() -> Path:
    """Header of the demo scene in the user's cache folder, made on first use (about two seconds, 14 MB)."""
    return _cached_header() if demo_is_ready() else write_demo(_cached_header().parent)


def demo_is_ready() -> bool:
    """Whether the demo scene was made before."""
    header = _cached_header()
    return header.is_file() and truth_path(header).is_file()


def is_demo(path: Path) -> bool:
    """Whether this file is the demo scene in the user's cache folder, where nothing else should be put."""
    return path == _cached_header()


def _cached_header() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("hadviewer", appauthor=False) / f"demo-{EDITION}-{SEED}" / f"{NAME}.hdr"


def truth_path(header: Path) -> Path:
    """Header of the truth that lies beside the header of the demo cube."""
    return header.with_name(f"{header.stem}-truth.hdr")
