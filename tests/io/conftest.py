"""Files made for the reader tests, written without any code of the program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ENVI_TYPES = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 6: "c8", 9: "c16", 12: "u2", 13: "u4", 14: "i8", 15: "u8"}
FILE_ORDER = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}
MakeEnvi = Callable[..., Path]


@pytest.fixture
def make_envi(tmp_path: Path) -> MakeEnvi:
    """make_envi(array (rows, cols, bands), **header fields with _ for blanks) -> path of the header."""

    def make(
        array: NDArray[Any],
        *,
        name: str = "scene",
        interleave: str = "bsq",
        offset: int = 0,
        extension: str = ".img",
        **fields: object,
    ) -> Path:
        code = next(code for code, kind in ENVI_TYPES.items() if array.dtype.str[1:] == kind)
        values = {
            "samples": array.shape[1],
            "lines": array.shape[0],
            "bands": array.shape[2],
            "header offset": offset,
            "data type": code,
            "interleave": interleave,
            "byte order": int(array.dtype.byteorder == ">"),
        } | {key.replace("_", " "): value for key, value in fields.items()}
        lines = [f"{key} = {value}" for key, value in values.items() if value is not None]
        header = tmp_path / f"{name}.hdr"
        header.write_text("\n".join(["ENVI", *lines, ""]), encoding="utf-8")
        raw = np.ascontiguousarray(array.transpose(FILE_ORDER[interleave])).tobytes()
        (tmp_path / f"{name}{extension}").write_bytes(b"\xab" * offset + raw)
        return header

    return make


def random_cube(kind: str, shape: tuple[int, int, int] = (7, 5, 6), seed: int = 0) -> NDArray[Any]:
    """Values over the range of a type; complex ones have both parts."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(kind)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)
    values = rng.normal(scale=1000.0, size=shape)
    if dtype.kind == "c":
        values = values + 1j * rng.normal(scale=1000.0, size=shape)
    return values.astype(dtype)


@pytest.fixture
def cube_of() -> Callable[..., NDArray[Any]]:
    """cube_of(dtype, shape) -> random values."""
    return random_cube
