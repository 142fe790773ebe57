"""Spectral libraries from strangers: opened, or refused in a sentence, whatever the text or header says."""

import struct
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hadviewer.engine import libraries
from tests.io import fuzzing

SECONDS, MOST_MEMORY = 2.0, 2**27
many = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def attempt(path: Path) -> None:
    """Open a file; nothing but one sentence may stop it, within the memory and time that its size deserves."""
    tracemalloc.start()
    started = time.process_time()
    try:
        found, failed = libraries.open_libraries([path])
        seconds, memory = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) + len(failed) == 1
    assert all("\n" not in error.message for error in failed)
    for library in found:
        assert library.spectra.shape == (len(library.names), library.bands)
        assert not np.isinf(library.spectra).any()
    assert seconds < SECONDS
    assert memory < MOST_MEMORY


words = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
numbers = st.one_of(
    st.floats(), st.integers(), st.integers(0, 3000),
    st.sampled_from(["1e999", "-1e999", "nan", "1,5", "0x1f", "1_000", ".", "-", "\N{ARABIC-INDIC DIGIT THREE}"]),
).map(str)  # fmt: skip
cells = st.one_of(numbers, words, st.sampled_from(["wavelength", "bbl", "name", "", '"', "'", "# x", "um", "nm"]))
rows = st.lists(st.lists(cells, max_size=6), max_size=8)


@given(rows, st.sampled_from([",", ";", "\t", " ", "|"]), st.sampled_from([".csv", ".txt", ".asc"]))
@example([["wavelength", "a"], ["400", "1e999"], ["500", "-1e999"]], ",", ".csv")
@example([["name", "1e999", "1e999"], ["a", "1", "2"]], ",", ".csv")
@many
def test_tables_of_any_cells(tmp_path_factory: Any, content: list[list[str]], mark: str, ending: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"table{ending}"
    path.write_text("\n".join(mark.join(row) for row in content), encoding="utf-8", errors="surrogatepass")
    attempt(path)


@given(
    st.sampled_from(
        [
            "Name: {}\nType: {}\nX Units: {}\n\n",
            "splib07a Record={}: {} {}\n",
            "USGS Digital Spectral Library: {}\n{}{}\n",
        ]
    ),
    st.lists(words, min_size=3, max_size=3),
    rows,
)
@many
def test_text_of_the_usgs_and_ecostress(
    tmp_path_factory: Any, head: str, said: list[str], content: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "spectrum.txt"
    text = head.format(*said) + "\n".join(" ".join(row) for row in content)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    attempt(path)


fields = st.dictionaries(
    st.sampled_from(
        [
            "samples", "lines", "bands", "header offset", "data type", "interleave", "byte order", "wavelength", "fwhm",
            "wavelength units", "bbl", "spectra names", "reflectance scale factor", "data ignore value", "file type",
            "file compression",
        ]
    ),
    st.one_of(
        numbers, words, st.lists(cells, max_size=5).map(lambda items: "{" + ", ".join(items) + "}"),
        st.sampled_from(["999999999999", "-1", "{", "0", "4", "ENVI Spectral Library"]),
    ),
)  # fmt: skip
SOUND = {
    "samples": "5", "lines": "3", "bands": "1", "header offset": "0", "data type": "4", "interleave": "bsq",
    "byte order": "0", "file type": "ENVI Spectral Library", "wavelength": "{400, 500, 600, 700, 800}",
    "wavelength units": "Nanometers", "spectra names": "{a, b, c}",
}  # fmt: skip


@given(fields)
@many
def test_headers_that_say_anything(tmp_path_factory: Any, said: dict[str, str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    lines = [f"{key} = {value}" for key, value in (SOUND | said).items()]
    (folder / "library.hdr").write_text("\n".join(["ENVI", *lines]), encoding="utf-8", errors="surrogatepass")
    (folder / "library.sli").write_bytes(np.arange(15, dtype="<f4").tobytes())
    attempt(folder / "library.hdr")


def asd(channels: int = 50) -> bytes:
    """A sound ASD file of the first version, as its documentation has it."""
    head = bytearray(484)
    head[:3] = b"ASD"
    head[186], head[199] = 1, 0
    struct.pack_into("<ff", head, 191, 350.0, 1.0)
    struct.pack_into("<H", head, 204, channels)
    return bytes(head) + np.linspace(0, 1, channels, dtype="<f4").tobytes()


@given(st.integers(0, 2**32 - 1))
@many
def test_damaged_asd_files(tmp_path_factory: Any, seed: int) -> None:
    path = tmp_path_factory.getbasetemp() / "leaf.asd"
    path.write_bytes(fuzzing.damaged(asd(), np.random.default_rng(seed)))
    attempt(path)
