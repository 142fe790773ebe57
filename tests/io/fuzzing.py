"""Damaged files for tests: specimens of every format, ways to damage them, and what opening one must never do."""

import json
import shutil
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.engine import libraries, verbs

LARGEST = 2**16
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
NUMBERS = (b"0", b"-1", b"99999999", b"4294967296", b"1e308", b"nan", b"", b"65536", b"2147483647", b"{", b"}", b"../x")


@dataclass(frozen=True)
class Specimen:
    """A file to be damaged, and the files that belong to it."""

    path: Path
    companions: tuple[Path, ...] = ()


def specimens(samples: Path | None, folder: Path) -> list[Specimen]:
    """Small real files where they are at hand, and one made of each format."""
    made = make(folder)
    real = sorted(samples.rglob("*")) if samples is not None else []
    small = [item for item in real if item.is_file() and item.stat().st_size <= LARGEST]
    return [*made, *(Specimen(item, _beside(item)) for item in small)]


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes of a file with one to four things wrong, mostly near its beginning."""
    for _ in range(int(rng.integers(1, 5))):
        data = WAYS[int(rng.integers(len(WAYS)))](data, rng)
    return data


def place(specimen: Specimen, content: bytes, folder: Path) -> Path:
    """The damaged file with its undamaged companions in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for item in specimen.companions:
        shutil.copyfile(item, folder / item.name)
    path = folder / specimen.path.name
    path.write_bytes(content)
    return path


def attempt(path: Path) -> str:
    """Open a file and read a corner of it, as image and as library: 'opened' or 'refused'; other errors get out."""
    outcome = "refused"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            cube = verbs.open_scene(path).cube
            rows, cols, _ = cube.shape
            cube.values(slice(0, 16), Window(0, min(rows, 4), 0, min(cols, 64)))
            outcome = "opened"
        except ReadError as error:
            _check_sentence(error)
        try:
            libraries.open_library(path)
            outcome = "opened"
        except ReadError as error:
            _check_sentence(error)
    return outcome


class Watch:
    """Files that Python opens for reading while it is on; those of the interpreter and its packages do not count."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.strangers: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or self.folder is None or not isinstance(args[0], str | bytes | Path):
            return
        name = args[0].decode("latin-1") if isinstance(args[0], bytes) else str(args[0])
        own = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/", sys.prefix, sys.base_prefix)
        temporary = "hadviewer-" in name or Path(name).name.startswith("tmp")
        code = name.endswith((".py", ".pyc", ".so"))
        if not (name.startswith((str(self.folder), *own)) or temporary or code):
            self.strangers.append(name)


def _check_sentence(error: ReadError) -> None:
    if not error.message.strip() or "\n" in error.message or len(error.message) > 600:
        raise AssertionError(f"no sentence: {error.message!r}")


def _beside(path: Path) -> tuple[Path, ...]:
    """Files of the same stem, as long as they are small."""
    names = {item for item in path.parent.iterdir() if item.stem in (path.stem, path.name) or item.name == path.stem}
    return tuple(item for item in sorted(names) if item != path and item.is_file() and item.stat().st_size < 2**22)


def _flip(data: bytes, rng: np.random.Generator) -> bytes:
    raw = bytearray(data)
    for at in _places(data, rng, int(rng.integers(1, 17))):
        raw[at] ^= 1 << int(rng.integers(8))
    return bytes(raw)


def _overwrite(data: bytes, rng: np.random.Generator) -> bytes:
    raw = bytearray(data)
    for at in _places(data, rng, int(rng.integers(1, 9))):
        raw[at] = int(rng.integers(256))
    return bytes(raw)


def _extreme(data: bytes, rng: np.random.Generator) -> bytes:
    size = int(rng.choice([1, 2, 4, 8]))
    number = EXTREMES[int(rng.integers(len(EXTREMES)))] & (2 ** (8 * size) - 1)
    kind = {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
    packed = struct.pack(("<" if rng.random() < 0.5 else ">") + kind, number)
    at = next(_places(data, rng, 1), 0)
    return data[:at] + packed + data[at + size :]


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(0, max(1, len(data))))]


def _repeat(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _span(data, rng)
    return data[:stop] + data[start:stop] * int(rng.integers(1, 4)) + data[stop:]


def _remove(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + data[stop:]


def _number(data: bytes, rng: np.random.Generator) -> bytes:
    """A number written as text replaced by another."""
    starts = [at for at in range(min(len(data), 8192)) if data[at : at + 1].isdigit()]
    if not starts:
        return data
    at = starts[int(rng.integers(len(starts)))]
    end = at
    while end < len(data) and data[end : end + 1].isdigit():
        end += 1
    return data[:at] + NUMBERS[int(rng.integers(len(NUMBERS)))] + data[end:]


WAYS = (_flip, _flip, _overwrite, _extreme, _extreme, _cut, _repeat, _remove, _number, _number)


def _places(data: bytes, rng: np.random.Generator, count: int) -> Iterator[int]:
    if data:
        for _ in range(count):
            end = min(len(data), 1024) if rng.random() < 0.5 else len(data)
            yield int(rng.integers(end))


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = next(_places(data, rng, 1), 0)
    return start, min(len(data), start + int(rng.integers(1, 257)))


def make(folder: Path) -> list[Specimen]:
    """One file of each format that small samples lack."""
    folder.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(0).integers(0, 900, (6, 7, 5))
    made = [*_rasters(folder, values), *_arrays(folder, values), *_hdf5(folder, values), *_zarr(folder, values),
            *_products(folder, values)]  # fmt: skip
    (folder / "a.vrt").write_text(
        '<VRTDataset rasterXSize="7" rasterYSize="6"><VRTRasterBand dataType="Int16" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">tiled.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    return [*made, Specimen(folder / "a.vrt", (folder / "tiled.tif",))]


def _rasters(folder: Path, values: np.ndarray) -> list[Specimen]:
    import rasterio

    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("tiled.tif", "GTiff", {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}),
        ("lzw.tif", "GTiff", {"compress": "lzw", "BIGTIFF": "YES", "interleave": "band"}),
        ("a.img", "HFA", {}), ("a.pix", "PCIDSK", {}), ("a.ntf", "NITF", {}), ("a.cub", "ISIS3", {}),
        ("a.vic", "VICAR", {}), ("a.jp2", "JP2OpenJPEG", {}), ("a.png", "PNG", {}), ("a.jpg", "JPEG", {}),
    ]  # fmt: skip
    made = []
    for name, driver, profile in kinds:
        count, dtype = (3, "uint8") if driver in ("PNG", "JPEG") else (5, "int16")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(folder / name, "w", driver, 7, 6, count, dtype=dtype, **profile) as file:
                file.write(values.transpose(2, 0, 1)[:count].astype(dtype))
        made.append(Specimen(folder / name))
    return made


def _arrays(folder: Path, values: np.ndarray) -> list[Specimen]:
    np.save(folder / "a.npy", values.astype(np.int16))
    np.savez_compressed(folder / "a.npz", cube=values, wavelengths=np.arange(400.0, 405))
    savemat(folder / "a.mat", {"data": values, "map": values[:, :, 0] > 800}, do_compression=True)
    savemat(folder / "plain.mat", {"data": values, "wavelengths": np.arange(400.0, 405)})
    savemat(folder / "v4.mat", {"data": values[:, :, 0].astype(float)}, format="4")
    return [Specimen(folder / name) for name in ("a.npy", "a.npz", "a.mat", "plain.mat", "v4.mat")]


def _hdf5(folder: Path, values: np.ndarray) -> list[Specimen]:
    with h5py.File(folder / "a.h5", "w") as file:
        data = file.create_dataset("reflectance", data=values.astype(np.int16), chunks=(3, 4, 5), compression="gzip")
        data.attrs["scale_factor"] = 1e-4
        file.create_dataset("wavelength", data=np.arange(400.0, 405)).attrs["units"] = "nm"
    with h5py.File(folder / "a.he5", "w") as file:
        fields = file.create_group("HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields")
        for word in ("Vnir", "Swir"):
            fields.create_dataset(f"{word.upper()}_Cube", data=values.transpose(0, 2, 1).astype(np.uint16))
            file.attrs[f"List_Cw_{word}"] = np.arange(400.0, 405)
            file.attrs[f"L2Scale{word}Min"], file.attrs[f"L2Scale{word}Max"] = 0.0, 1.0
    with h5py.File(folder / "v73.mat", "w", userblock_size=512) as file:
        file.create_dataset("data", data=values.T.astype(float)).attrs["MATLAB_class"] = np.bytes_("double")
    with (folder / "v73.mat").open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file")
    return [Specimen(folder / name) for name in ("a.h5", "a.he5", "v73.mat")]


def _zarr(folder: Path, values: np.ndarray) -> list[Specimen]:
    """An array of one chunk in either version, so that all its files lie in one folder."""
    shape, chunk = list(values.shape), zlib.compress(values.astype("<i2").tobytes())
    described = {
        ".zarray": {"zarr_format": 2, "shape": shape, "chunks": shape, "dtype": "<i2", "fill_value": 0, "order": "C",
                    "filters": None, "compressor": {"id": "zlib"}},
        "zarr.json": {"zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "int16", "fill_value": 0,
                      "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
                      "chunk_key_encoding": {"name": "v2", "configuration": {"separator": "."}},
                      "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "gzip"}]},
    }  # fmt: skip
    made = []
    for name, told in described.items():
        inner = folder / name.strip(".").replace(".", "-")
        inner.mkdir(exist_ok=True)
        (inner / name).write_text(json.dumps(told))
        (inner / "0.0.0").write_bytes(chunk)
        made.append(Specimen(inner / name, (inner / "0.0.0",)))
    return made


def _products(folder: Path, values: np.ndarray) -> list[Specimen]:
    tiff = (folder / "lzw.tif").read_bytes()
    bands = "".join(
        f'<bandID number="{number}"><wavelengthCenterOfBand>{400 + number}</wavelengthCenterOfBand>'
        "<FWHMOfBand>6</FWHMOfBand><GainOfBand>0.1</GainOfBand><OffsetOfBand>0</OffsetOfBand></bandID>"
        for number in range(1, 6)
    )
    text = f"<level_X><specific><bandCharacterisation>{bands}</bandCharacterisation></specific></level_X>"
    (folder / "E-METADATA.XML").write_text(text)
    (folder / "E-SPECTRAL_IMAGE.TIF").write_bytes(tiff)
    with zipfile.ZipFile(folder / "E.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("E/E-METADATA.XML", text)
        archive.writestr("E/E-SPECTRAL_IMAGE.TIF", tiff)
    pair = (folder / "E-METADATA.XML", folder / "E-SPECTRAL_IMAGE.TIF")
    return [Specimen(pair[0], pair[1:]), Specimen(pair[1], pair[:1]), Specimen(folder / "E.zip")]
