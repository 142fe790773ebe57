"""Where the command line writes: results to standard output, everything else to standard error.

Tables and progress are drawn for a terminal; into a file or a pipe go plain aligned text and no progress.
"""

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hadviewer.core.context import Reporter

Row = Sequence[str]


class Output:
    """The two streams of a command."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        # Both are None where a program was started with them closed.
        self._out, self._err = out or sys.stdout or io.StringIO(), err or sys.stderr or io.StringIO()
        for stream in (self._out, self._err):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")

    def text(self, line: str = "") -> None:
        """A line for the user who asked."""
        self._out.write(f"{line}\n")

    def json(self, value: Any) -> None:
        """One JSON object, for programs."""
        self._out.write(json.dumps(value, indent=2, allow_nan=False) + "\n")

    def table(self, columns: Row, rows: Sequence[Row], title: str = "") -> None:
        """Rows under their columns."""
        if self._out.isatty():
            _draw_table(self._out, columns, rows, title)
            return
        if title:
            self.text(title)
        for line in _aligned([columns, *rows]):
            self.text(line)

    def facts(self, rows: Sequence[tuple[str, str]], title: str = "") -> None:
        """Names and values, one a line; those without a value are left out."""
        known = [row for row in rows if row[1]]
        if self._out.isatty():
            _draw_table(self._out, (), known, title)
            return
        if title:
            self.text(title)
        for line in _aligned(known):
            self.text(line)

    def note(self, sentence: str) -> None:
        """Something remarkable, beside the result."""
        self._err.write(f"Note: {sentence}\n")

    def reached(self, line: str) -> None:
        """One more step of a long run is done."""
        self._err.write(f"{line}\n")
        self._err.flush()

    def error(self, sentence: str) -> None:
        """What went wrong."""
        self._err.write(f"hadviewer: {sentence}\n")

    def progress(self, title: str) -> "AbstractContextManager[Reporter]":
        """A reporter that draws a bar while the block runs, where somebody can see it."""
        from hadviewer.cli.progress import progress_on

        return progress_on(self._err, title)

    def finish(self) -> None:
        """Send out what is still held back, while a failure can be told of."""
        self._out.flush()

    def abandon(self) -> None:
        """Nothing more can be written: let nothing fail when the interpreter flushes its output at the end."""
        if self._out is sys.stdout:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())


def _aligned(rows: Sequence[Row]) -> list[str]:
    """Rows as lines, every column but the last filled up to the width of its longest cell."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _draw_table(stream: TextIO, columns: Row, rows: Sequence[Row], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = len(columns) or 2
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, show_header=bool(columns))
    for number in range(width):
        table.add_column(columns[number] if columns else "", style="bold" if number == 0 else "", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=stream).print(table)
