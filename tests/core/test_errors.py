"""A foreign error in a message is one line, however much it says."""

import pytest

from hadviewer.core.errors import in_a_line


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
