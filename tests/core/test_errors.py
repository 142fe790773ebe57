"""A message is one line, whatever a foreign error or a file says."""

import pytest

from hadviewer.core.errors import ReadError, in_a_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (RuntimeError("\n   no device\n more\n"), "RuntimeError: no device"),
        (KeyError("bands"), "KeyError: 'bands'"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_one_line(error: Exception, line: str) -> None:
    assert in_a_line(error) == line


def test_a_very_long_line_is_cut() -> None:
    assert len(in_a_line(ValueError("x" * 10**6))) < 400


def test_names_from_a_file_cannot_break_the_line_or_colour_the_terminal() -> None:
    error = ReadError("the array 'a\x1b[31m\n\tb' in x.mat", hint="y" * 5000)
    assert error.message == "the array 'a [31m b' in x.mat"
    assert len(error.hint) <= 600
