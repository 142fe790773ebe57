"""Where the command line writes: results to standard output, everything else to standard error.

Tables and progress are drawn for a terminal; into a file or a pipe go plain aligned text and no progress.
"""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from hadviewer.core.context import Reporter, SilentReporter

if TYPE_CHECKING:
    from rich.progress import Progress

Row = Sequence[str]


class Output:
    """The two streams of a command."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr
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

    def error(self, sentence: str) -> None:
        """What went wrong."""
        self._err.write(f"hadviewer: {sentence}\n")

    @contextmanager
    def progress(self, title: str) -> Iterator[Reporter]:
        """A reporter that draws a bar while the block runs, where somebody can see it."""
        if not self._err.isatty():
            yield SilentReporter()
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        looks = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
        )
        with Progress(*looks, console=Console(file=self._err), transient=True) as bar:
            yield _Bar(bar, title)

    def abandon(self) -> None:
        """Nobody reads any more: let nothing fail when the interpreter flushes its output at the end."""
        if self._out is sys.stdout:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())


class _Bar(SilentReporter):
    def __init__(self, bar: "Progress", title: str) -> None:
        self._bar, self._title = bar, title
        self._task = bar.add_task(title, total=None)

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        """Move the bar."""
        figures = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        words = "  ".join(word for word in (self._title, message, figures) if word)
        total = None if fraction is None else 1.0
        self._bar.update(self._task, completed=fraction or 0.0, total=total, description=words)


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
