"""The demo scene as files: an ENVI cube with its truth beside it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import WriteError
from hadviewer.engine.demo.scene import EDITION, SEED, UTM_ZONE, DemoScene, make_demo

NAME = "hadviewer-demo"
DISPLAY_NM = (650.0, 550.0, 470.0)
DATA_TYPES = {np.dtype(np.uint8): 1, np.dtype(np.int16): 2}
"""ENVI's numbers of the types written here."""


def write_demo(folder: Path, seed: int = SEED) -> Path:
    """Write the demo scene and its truth into a folder, made if needed; returns the header of the cube.

    Four files: cube and truth, each an ENVI data file and header. No file is ever seen half-written, and the cube's
    header comes last. Raises WriteError.
    """
    scene = make_demo(seed)
    header = folder / f"{NAME}.hdr"
    truth = truth_path(header)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(truth.with_suffix(".dat"), scene.truth.tobytes())
        _write(truth, _truth_header(scene).encode())
        _write(header.with_suffix(".dat"), scene.cube.transpose(2, 0, 1).astype("<i2").tobytes())
        _write(header, _cube_header(scene).encode())
    except OSError as error:
        message = f"The demo scene cannot be written to {folder}: {error.strerror or error}."
        raise WriteError(message, hint="Choose a folder you may write to.") from error
    return header


def demo_path() -> Path:
    """Header of the demo scene in the user's cache folder, made on first use (about two seconds, 14 MB)."""
    import platformdirs

    folder = platformdirs.user_cache_path("hadviewer", appauthor=False) / f"demo-{EDITION}-{SEED}"
    header = folder / f"{NAME}.hdr"
    return header if header.is_file() and truth_path(header).is_file() else write_demo(folder)


def truth_path(header: Path) -> Path:
    """Header of the truth that lies beside the header of the demo cube."""
    return header.with_name(f"{header.stem}-truth.hdr")


def _write(target: Path, content: bytes) -> None:
    """Write a whole file beside its target, then put it in place in one step."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            part.close()
            Path(part.name).chmod(0o644)
            Path(part.name).replace(target)
        except BaseException:
            part.close()
            Path(part.name).unlink(missing_ok=True)
            raise


def _cube_header(scene: DemoScene) -> str:
    shown = [int(np.abs(scene.wavelengths - nm).argmin()) + 1 for nm in DISPLAY_NM]
    return _header(
        scene,
        scene.cube,
        f"hadviewer demo scene, made by computation, seed {scene.seed}",
        [
            ("file type", "ENVI Standard"),
            ("sensor type", "Simulated"),
            ("reflectance scale factor", f"{scene.scale}"),
            ("default bands", _braces(shown)),
            ("wavelength units", "Nanometers"),
            ("wavelength", _braces(f"{centre:.2f}" for centre in scene.wavelengths)),
            ("fwhm", _braces(f"{width:.2f}" for width in scene.fwhm)),
            ("bbl", _braces(int(good) for good in scene.usable)),
        ],
    )


def _truth_header(scene: DemoScene) -> str:
    return _header(
        scene,
        scene.truth,
        f"Truth of the hadviewer demo scene, seed {scene.seed}",
        [
            ("file type", "ENVI Classification"),
            ("classes", "2"),
            ("class names", "{background, anomaly}"),
            ("class lookup", "{0, 0, 0, 255, 0, 0}"),
            ("band names", "{truth}"),
        ],
    )


def _header(scene: DemoScene, array: NDArray[np.generic], description: str, more: list[tuple[str, str]]) -> str:
    rows, cols = array.shape[:2]
    fields = [
        ("description", f"{{{description}}}"),
        ("samples", f"{cols}"),
        ("lines", f"{rows}"),
        ("bands", f"{array.shape[2] if array.ndim == 3 else 1}"),
        ("header offset", "0"),
        ("data type", f"{DATA_TYPES[array.dtype]}"),
        ("interleave", "bsq"),
        ("byte order", "0"),
        *more,
        ("map info", _braces(scene.map_info)),
        ("coordinate system string", f"{{{_utm_wkt(UTM_ZONE)}}}"),
    ]
    return "ENVI\n" + "".join(f"{key} = {value}\n" for key, value in fields)


def _braces(items: Iterable[object]) -> str:
    return "{" + ", ".join(str(item) for item in items) + "}"


def _utm_wkt(zone: int) -> str:
    """The coordinate system of a northern UTM zone as ENVI writes it."""
    return (
        f'PROJCS["WGS_1984_UTM_Zone_{zone}N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",'
        'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
        'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{zone * 6 - 183}.0],PARAMETER["Scale_Factor",0.9996],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
