"""``hadviewer info`` answers at once: it loads the library of the file's own format and none besides."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.io import fuzzing

HEAVY = {"PyQt6", "cmap", "h5py", "pyproj", "pyqtgraph", "rasterio", "scipy", "skimage", "sklearn", "spectral", "torch"}
PROGRAM = """
import sys
from hadviewer.__main__ import main
for name in sys.argv[1:]:
    assert main(["info", name]) == 0
sys.stderr.write(" ".join({module.partition(".")[0] for module in sys.modules}))
"""


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (("cube.hdr", "spectra.csv", "a.npy", "a.npz", "a.mat", "plain.mat"), set()),
        (("a.h5", "v73.mat", "a.he5"), {"h5py"}),
        (("tiled.tif", "a.jp2", "a.img", "E-METADATA.XML", "E.zip", "a.vrt"), {"rasterio"}),
    ],
    ids=["own formats", "HDF5", "rasters"],
)
def test_info_loads_only_what_the_format_needs(tmp_path: Path, names: tuple[str, ...], needed: set[str]) -> None:
    fuzzing.make(tmp_path)
    fields = "samples = 8\nlines = 9\nbands = 5\ndata type = 1\ninterleave = bsq\nbyte order = 0"
    (tmp_path / "cube.hdr").write_text(f"ENVI\n{fields}\n")
    (tmp_path / "cube.img").write_bytes(bytes(360))
    (tmp_path / "spectra.csv").write_text("wavelength,grass,sand\n400,1,2\n500,2,3\n600,1,2\n")
    command = [sys.executable, "-c", PROGRAM, *(str(tmp_path / name) for name in names)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.splitlines()[-1].split()) & HEAVY == needed
