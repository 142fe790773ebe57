"""Headers as they are found in the field are understood, and what was repaired is told."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._envi_header import parse_header, read_header


def test_line_ends_case_blanks_underscores_and_comments_do_not_matter() -> None:
    header = parse_header("ENVI\r\n; made by hand\r\nSAMPLES=3\rdata_Type  =  4\r\n ; lines = 9\r\nlines = 2\n")
    assert header.fields == {"samples": "3", "data type": "4", "lines": "2"}
    assert header.spelling["data type"] == "data_Type"


def test_lists_may_span_lines_begin_with_commas_and_hold_comments() -> None:
    header = parse_header("ENVI\nwavelength = {\n400\n,500\n;,550\n, 600,,\n}\nbands = 3")
    assert header.numbers("wavelength") == [400, 500, 600]
    assert header.integer("bands") == 3


def test_square_brackets_and_blanks_between_numbers_are_a_list() -> None:
    header = parse_header("ENVI\nfwhm = [1.5 2.5\n 3.5]\nbands = 3")
    assert header.numbers("fwhm") == [1.5, 2.5, 3.5]
    assert header.integer("bands") == 3


def test_a_line_in_braces_without_a_key_is_no_field() -> None:
    assert parse_header("ENVI\nbands = 1\n{x start = 269, y start = 105}\n").fields == {"bands": "1"}


def test_unclosed_braces_end_where_the_next_field_begins() -> None:
    header = parse_header("ENVI\nwavelength = {400, 500\nbyte order = 1\nfwhm = {1, 2}")
    assert header.numbers("wavelength") == [400, 500]
    assert header.integer("byte order") == 1
    assert header.numbers("fwhm") == [1, 2]
    assert any("wavelength" in note and "not closed" in note for note in header.notes)


def test_free_text_may_hold_equals_signs_and_brackets() -> None:
    header = parse_header("ENVI\ndescription = {\n a [2014], x = 3\n samples = 7}\nsamples = 2")
    assert header.text("description") == "a [2014], x = 3 samples = 7"
    assert header.integer("samples") == 2


def test_known_misspellings_are_read_and_told() -> None:
    header = parse_header("ENVI\nwavelengths = {1.0}\nwavelength_unts = um")
    assert header.numbers("wavelength") == [1.0]
    assert header.text("wavelength units") == "um"
    assert len(header.notes) == 2


def test_empty_values_count_as_absent() -> None:
    header = parse_header("ENVI\nwavelength units =\nmap info = {  }\nbbl = {}")
    assert not header.text("wavelength units")
    assert not header.text("map info")
    assert header.numbers("bbl") == []


def test_a_list_with_words_is_dropped_with_a_note() -> None:
    header = parse_header("ENVI\nbbl = {1, yes, 0}")
    assert header.numbers("bbl") == []
    assert "bbl" in header.notes[0]


@pytest.mark.parametrize("text", ["\ufeffENVI\nbands = 1", "  ENVI \r\nbands = 1", "ENVI\rbands = 1"])
def test_byte_order_marks_and_leading_blanks_are_tolerated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(text.encode("utf-8"))
    assert read_header(path).integer("bands") == 1


def test_bytes_of_any_encoding_are_text(tmp_path: Path) -> None:
    for encoding in ("utf-8", "cp1252", "latin-1"):
        path = tmp_path / f"{encoding}.hdr"
        path.write_bytes("ENVI\ndescription = {angle in °}\n".encode(encoding))
        assert read_header(path).text("description") == "angle in °"
    path.write_bytes(b"ENVI\ndescription = {\x81\x8d}\n")
    assert read_header(path).text("description")


@pytest.mark.parametrize("value", ["ten", "3.5", "nan", "inf", "", "9" * 400])
def test_a_size_that_is_no_number_is_refused_by_name(value: str) -> None:
    header = parse_header(f"ENVI\nsamples = {value}\n", "bad.hdr")
    if value.startswith("9"):
        with pytest.raises(ReadError, match=r"bad\.hdr says 'samples"):
            header.integer("samples")
        return
    with pytest.raises(ReadError, match=r"bad\.hdr"):
        header.integer("samples")


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ENVI=\n\r{}[],;. 0123456789bandslinewvtx_-°\ufeff"), max_size=300))
def test_no_text_stops_the_parser(text: str) -> None:
    header = parse_header("ENVI\n" + text)
    for key in list(header.fields):
        header.numbers(key)
        header.words(key)
        header.text(key)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_file_is_a_header_or_a_read_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.hdr"
    path.write_bytes(content)
    sentence = ""
    try:
        read_header(path)
    except ReadError as error:
        sentence = error.message
    assert not sentence or "any.hdr" in sentence
