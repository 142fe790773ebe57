"""ENVI images, made here and compared with two other programs' readers: every type, order, offset and oddity."""

import gzip
import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Match
from hadviewer.io.readers import envi
from hadviewer.io.readers.envi import EnviParams, open_array, open_cube

MakeEnvi = Callable[..., Path]
CubeOf = Callable[..., NDArray[Any]]
KINDS = ["u1", "i2", "i4", "f4", "f8", "c8", "c16", "u2", "u4", "i8", "u8"]
ORDERS = ["bsq", "bil", "bip"]


def raw(path: Path, params: EnviParams | None = None) -> NDArray[Any]:
    cube = open_cube(path, None, params)
    return cube.source.read(cube.window, slice(None))


def notes(path: Path, params: EnviParams | None = None) -> str:
    return " ".join(open_cube(path, None, params).notes)


def by_rasterio(data: Path) -> NDArray[Any]:
    rasterio = pytest.importorskip("rasterio")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(data) as dataset:
            return np.asarray(dataset.read()).transpose(1, 2, 0)


def by_spectral(header: Path, data: Path | None = None) -> NDArray[Any]:
    spectral = pytest.importorskip("spectral")
    image = spectral.io.envi.open(str(header), None if data is None else str(data))
    return np.asarray(image.open_memmap(interleave="bip"))


@pytest.mark.parametrize(("kind", "order", "sign"), list(itertools.product(KINDS, ORDERS, "<>")))
def test_every_type_interleave_byte_order_and_offset(
    make_envi: MakeEnvi, cube_of: CubeOf, kind: str, order: str, sign: str
) -> None:
    array = cube_of(sign + kind)
    for offset in (0, 129):
        header = make_envi(array, interleave=order, offset=offset, byte_order=int(sign == ">"))
        np.testing.assert_array_equal(raw(header), array)
        np.testing.assert_array_equal(raw(header.with_suffix(".img")), array)
        np.testing.assert_array_equal(by_spectral(header), array)
        np.testing.assert_array_equal(by_rasterio(header.with_suffix(".img")), array)


def test_either_file_of_the_pair_in_all_its_spellings(make_envi: MakeEnvi, tmp_path: Path) -> None:
    array = np.arange(24, dtype="u1").reshape(2, 3, 4)
    for extension in ("", ".img", ".dat", ".raw", ".bsq", ".IMG", ".strange"):
        name = f"a{extension.strip('.')}"
        header = make_envi(array, name=name, extension=extension)
        for path in (header, tmp_path / f"{name}{extension}"):
            assert envi.sniff(path, path.read_bytes()[:1024]) > Match.NO
            np.testing.assert_array_equal(raw(path), array)
    header = make_envi(array, name="double.img", extension="")
    np.testing.assert_array_equal(raw(header), array)
    np.testing.assert_array_equal(raw(tmp_path / "double.img"), array)
    header = make_envi(array, name="upper").rename(tmp_path / "UPPER.HDR")
    np.testing.assert_array_equal(raw(header), array)
    np.testing.assert_array_equal(raw(tmp_path / "upper.img"), array)


def test_among_several_data_files_the_one_of_the_right_size_is_taken(make_envi: MakeEnvi, tmp_path: Path) -> None:
    array = np.arange(24, dtype="u1").reshape(2, 3, 4)
    header = make_envi(array, extension=".dat")
    (tmp_path / "scene.img").write_bytes(b"quite another thing")
    np.testing.assert_array_equal(raw(header), array)
    assert "scene.dat was chosen" in notes(header)


def test_a_longer_file_opens_with_a_note(make_envi: MakeEnvi) -> None:
    array = np.arange(24, dtype="u1").reshape(2, 3, 4)
    header = make_envi(array)
    with header.with_suffix(".img").open("ab") as file:
        file.write(b"\n\n")
    np.testing.assert_array_equal(raw(header), array)
    assert "2 bytes longer" in notes(header)


@pytest.mark.parametrize(("order", "there"), [("bsq", (6, 5, 2)), ("bil", (3, 5, 4)), ("bip", (3, 5, 4))])
def test_a_shorter_file_is_refused_and_opens_when_asked(
    make_envi: MakeEnvi, cube_of: CubeOf, order: str, there: tuple[int, int, int]
) -> None:
    array = cube_of("<i2", (6, 5, 4))
    header = make_envi(array, interleave=order, wavelength="{400, 500, 600, 700}", data_gain_values="{1, 2, 3, 4}")
    os.truncate(header.with_suffix(".img"), 2 * (3 * 5 * 4 + 3))
    with pytest.raises(ReadError, match=r"scene\.img has 126 bytes, but its header needs 240") as caught:
        raw(header)
    assert "truncated" in caught.value.hint
    assert "126 of 240" in envi.contents(header)[0].note
    rows, _, bands = there
    np.testing.assert_array_equal(raw(header, EnviParams(truncated=True)), array[:rows, :, :bands])
    cube = open_cube(header, None, EnviParams(truncated=True))
    assert cube.bands.count == bands
    assert cube.values().shape == there
    assert "are there" in " ".join(cube.notes)


def test_a_compressed_file_reads_as_the_plain_one(make_envi: MakeEnvi, cube_of: CubeOf) -> None:
    array = cube_of(">f4")
    header = make_envi(array, offset=5, byte_order=1, file_compression=1)
    data = header.with_suffix(".img")
    data.write_bytes(gzip.compress(data.read_bytes()))
    np.testing.assert_array_equal(raw(header), array)
    data.write_bytes(data.read_bytes()[:40])
    with pytest.raises(ReadError, match=r"scene\.img says it is gzip-compressed but cannot"):
        raw(header)


@pytest.mark.parametrize("interleave", ORDERS)
def test_a_compressed_file_is_unpacked_when_its_first_pixel_is_wanted(
    make_envi: MakeEnvi, cube_of: CubeOf, interleave: str
) -> None:
    array = cube_of("i2")
    header = make_envi(array, interleave=interleave, file_compression=1)
    data = header.with_suffix(".img")
    packed = gzip.compress(data.read_bytes())
    data.write_bytes(packed[:20] + bytes(20) + packed[40:])
    cube = open_cube(header)
    assert (cube.shape, cube.dtype, cube.source.order) == (array.shape, np.dtype("i2"), interleave)
    with pytest.raises(ReadError, match=r"scene\.img"):
        cube.values()
    data.unlink()
    with pytest.raises(ReadError, match=r"scene\.img does not exist"):
        cube.values()
    data.write_bytes(packed)
    np.testing.assert_array_equal(cube.values(), array)


@pytest.mark.parametrize("order", ORDERS)
def test_frame_offsets_are_honoured(make_envi: MakeEnvi, cube_of: CubeOf, order: str) -> None:
    array = cube_of("<u2", (3, 4, 5))
    header = make_envi(array, interleave=order, major_frame_offsets="{3, 2}")
    nested = array.transpose({"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}[order])
    frames = b"".join(b"aaa" + np.ascontiguousarray(frame).tobytes() + b"zz" for frame in nested)
    header.with_suffix(".img").write_bytes(frames)
    np.testing.assert_array_equal(raw(header), array)


def test_minor_frame_offsets_are_honoured_or_refused(make_envi: MakeEnvi, cube_of: CubeOf) -> None:
    array = cube_of("<u2", (3, 4, 5))
    header = make_envi(array, interleave="bil", minor_frame_offsets="{1, 4}")
    lines = array.transpose(0, 2, 1).reshape(-1, 4)
    header.with_suffix(".img").write_bytes(b"".join(b"m" + line.tobytes() + b"nnnn" for line in lines))
    np.testing.assert_array_equal(raw(header), array)
    with pytest.raises(ReadError, match="frame offsets"):
        raw(make_envi(array, interleave="bip", minor_frame_offsets="{1, 4}"))


def test_complex_values_are_shown_as_magnitude(make_envi: MakeEnvi, cube_of: CubeOf) -> None:
    array = cube_of("<c8")
    np.testing.assert_allclose(open_cube(make_envi(array)).values(), np.abs(array), rtol=1e-6)


class TestRefusals:
    """One sentence that names the file and says what to do."""

    def refused(self, path: Path, *words: str) -> None:
        with pytest.raises(ReadError) as caught:
            open_cube(path)
        message = caught.value.message
        assert message.count("\n") == 0
        assert message.endswith(".")
        assert caught.value.hint
        for word in words:
            assert word in str(caught.value)

    @pytest.mark.parametrize("field", ["samples", "lines", "bands", "data type"])
    def test_missing_field(self, make_envi: MakeEnvi, field: str) -> None:
        self.refused(make_envi(np.zeros((1, 1, 1), "u1"), **{field.replace(" ", "_"): None}), "scene.hdr", field)

    @pytest.mark.parametrize(
        "fields",
        [{"samples": 0}, {"bands": -3}, {"data_type": 7}, {"lines": 10**30}, {"header_offset": -5},
         {"samples": 10**15, "lines": 10**15}, {"major_frame_offsets": "{1, nan}"}, {"byte_order": "big"}],
    )  # fmt: skip
    def test_impossible_fields(self, make_envi: MakeEnvi, fields: dict[str, Any]) -> None:
        self.refused(make_envi(np.zeros((1, 1, 1), "u1"), **fields), "scene.")

    @pytest.mark.parametrize(
        ("kind", "word"),
        [("ENVI Spectral Library", "spectral library of 1 spectra"), ("TIFF", "TIFF"), ("ENVI Meta", "Meta")],
    )
    def test_file_types_that_hold_no_image(self, make_envi: MakeEnvi, kind: str, word: str) -> None:
        self.refused(make_envi(np.zeros((1, 1, 1), "u1"), file_type=kind), "scene.hdr", word)

    def test_missing_data_missing_header_pointer_web_page_empty(self, make_envi: MakeEnvi, tmp_path: Path) -> None:
        header = make_envi(np.zeros((1, 1, 1), "u1"))
        data = header.with_suffix(".img")
        data.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
        self.refused(header, "scene.img", "Git LFS")
        self.refused(data, "scene.img", "Git LFS")
        data.write_bytes(b"<!DOCTYPE html><html>")
        self.refused(header, "scene.img", "web page")
        data.write_bytes(b"")
        self.refused(header, "scene.img", "empty")
        data.unlink()
        self.refused(header, "scene.hdr", "missing")
        (tmp_path / "alone.img").write_bytes(b"12345")
        self.refused(tmp_path / "alone.img", "alone.img", "no ENVI header")

    def test_esri_header(self, tmp_path: Path) -> None:
        path = tmp_path / "esri.hdr"
        path.write_text("BYTEORDER I\nLAYOUT BIL\nNROWS 5\nNCOLS 5\n")
        assert envi.sniff(path, path.read_bytes()) == Match.MAYBE
        self.refused(path, "esri.hdr", "ESRI")

    def test_a_file_that_only_shares_the_stem_is_not_the_data(self, make_envi: MakeEnvi, tmp_path: Path) -> None:
        make_envi(np.zeros((2, 2, 1), "u1"))
        other = tmp_path / "scene.csv"
        other.write_text("1,2,3,4,5,6,7,8,9\n")
        assert envi.sniff(other, other.read_bytes()) < Match.YES
        self.refused(other, "scene.csv", "sizes differ")


def test_an_unknown_interleave_opens_as_bsq_and_can_be_changed(make_envi: MakeEnvi, cube_of: CubeOf) -> None:
    array = cube_of("<i2")
    header = make_envi(array, interleave="bil")
    header.write_text(header.read_text().replace("interleave = bil", "interleave = bup"))
    assert "'bup'; BSQ assumed" in notes(header)
    np.testing.assert_array_equal(raw(header, EnviParams(interleave="bil")), array)


def test_a_missing_byte_order_is_told(make_envi: MakeEnvi, cube_of: CubeOf) -> None:
    array = cube_of("<i2")
    header = make_envi(array, byte_order=None)
    np.testing.assert_array_equal(raw(header), array)
    assert "little endian assumed" in notes(header)


class TestOneBand:
    def test_a_classification_is_a_mask_of_its_class_anomaly(self, make_envi: MakeEnvi) -> None:
        classes = np.array([[[0], [1]], [[2], [1]]], dtype="u1")
        fields = {"file_type": "ENVI Classification", "classes": 3, "class_names": "{no data, background, anomaly}"}
        header = make_envi(classes, **fields)
        assert envi.contents(header)[0].role == "mask"
        assert open_array(header).tolist() == [[False, False], [True, False]]
        plain = make_envi(classes, name="plain", file_type="ENVI Classification", class_names="{a, b, c}")
        assert open_array(plain).tolist() == [[0, 1], [2, 1]]

    def test_scores_have_nan_for_no_data(self, make_envi: MakeEnvi) -> None:
        scores = np.array([[[1.5], [-9999]]], dtype="<f4")
        np.testing.assert_array_equal(open_array(make_envi(scores, data_ignore_value=-9999)), [[1.5, np.nan]])

    def test_whole_numbers_stay_whole(self, make_envi: MakeEnvi) -> None:
        assert open_array(make_envi(np.array([[[7], [9]]], dtype=">u2"))).tolist() == [[7, 9]]

    def test_a_cube_is_refused(self, make_envi: MakeEnvi) -> None:
        with pytest.raises(ReadError, match="has 2 bands"):
            open_array(make_envi(np.zeros((1, 1, 2), "u1")))


SIDE = 1024


def sparse_image(folder: Path, order: str) -> Path:
    """A header of SIDE × SIDE × SIDE single floats and 4 GiB of zeros that take no room, but for one pixel."""
    header = folder / f"{order}.hdr"
    header.write_text(
        f"ENVI\nsamples = {SIDE}\nlines = {SIDE}\nbands = {SIDE}\ndata type = 4\nbyte order = 0\ninterleave = {order}\n"
    )
    place = {"bsq": (1000, 900, 7), "bil": (900, 1000, 7), "bip": (900, 7, 1000)}[order]
    try:
        with header.with_suffix(".img").open("wb") as file:
            file.truncate(4 * SIDE**3)
            file.seek(4 * int(np.ravel_multi_index(place, (SIDE, SIDE, SIDE))))
            file.write(np.float32(42).tobytes())
    except OSError:
        pytest.skip("the disk holds no sparse file of 4 GB")
    return header


@pytest.mark.parametrize("order", ORDERS)
def test_a_file_of_four_gigabytes_shows_three_bands_and_a_spectrum(tmp_path: Path, order: str) -> None:
    header = sparse_image(tmp_path, order)
    cube = open_cube(header)
    assert cube.pixel(900, 7)[1000] == 42
    assert cube.values(bands=np.array([1000, 10, 500]), step=4).shape == (256, 256, 3)
    block = cube.source.read(Window(890, 910, 0, 20), np.array([1000]))
    assert np.argwhere(block[:, :, 0]).tolist() == [[10, 7]]
    header.with_suffix(".img").unlink()


def test_the_first_composite_of_four_gigabytes_takes_little_memory(tmp_path: Path) -> None:
    """Memory of a fresh process that shows three bands of a sparse file at every fourth pixel, and a spectrum."""
    resource = pytest.importorskip("resource")
    assert resource is not None
    program = """
import resource, sys
import numpy as np
from pathlib import Path
from hadviewer.io.readers.envi import open_cube
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cube = open_cube(Path(sys.argv[1]))
cube.values(bands=np.array([1000, 10, 500]), step=4)
cube.pixel(900, 7)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    for order in ("bsq", "bil", "bip"):
        header = sparse_image(tmp_path, order)
        run = subprocess.run([sys.executable, "-c", program, str(header)], capture_output=True, text=True, check=True)
        header.with_suffix(".img").unlink()
        unit = 1 if sys.platform == "darwin" else 1024
        assert int(run.stdout) * unit < 200 * 2**20, order


def refusal(action: Callable[[], object]) -> str | None:
    """The sentence with which reading is refused, None when it is not."""
    try:
        action()
    except ReadError as error:
        return error.message
    return None


HEADER_FIELDS = st.dictionaries(
    st.sampled_from(
        ["samples", "lines", "bands", "data type", "interleave", "byte order", "header offset", "wavelength", "fwhm",
         "bbl", "band names", "default bands", "data ignore value", "map info", "reflectance scale factor", "file type",
         "data gain values", "wavelength units", "file compression", "major frame offsets", "coordinate system string",
         "class names", "x start"]
    ),
    st.one_of(
        st.sampled_from(["1", "2", "3", "4", "bsq", "bip", "{1, 2}", "{0.4, 0.5}", "{", "}", "", "nan", "-1", "1e400"]),
        st.sampled_from(["{UTM, 1, 1, 1, 1, 1, 1, 77, North}", "{Geographic, 1,1,1,1,1,inf}", "um", "ENVI Meta"]),
        st.text(max_size=30),
        st.integers(-(10**20), 10**20).map(str),
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=HEADER_FIELDS)
def test_any_header_gives_a_cube_or_one_sentence(tmp_path: Path, fields: dict[str, str]) -> None:
    base = {"samples": "2", "lines": "2", "bands": "2", "data type": "4", "interleave": "bsq", "byte order": "0"}
    text = "ENVI\n" + "".join(f"{key} = {value}\n" for key, value in (base | fields).items())
    header = tmp_path / "any.hdr"
    header.write_bytes(text.encode("utf-8", "replace"))
    (tmp_path / "any.img").write_bytes(np.arange(8, dtype="<f4").tobytes())
    sentence = refusal(lambda: (envi.contents(header), open_cube(header).values(), open_array(header)))
    assert sentence is None or ("any." in sentence and "\n" not in sentence)
