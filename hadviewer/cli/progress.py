"""The progress bar of a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from hadviewer.core.context import Reporter, SilentReporter

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def progress_on(stream: TextIO, title: str) -> Iterator[Reporter]:
    """A reporter that draws a bar while the block runs and wipes it after, where the stream is a terminal."""
    if not stream.isatty():
        yield SilentReporter()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    looks = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    with Progress(*looks, console=Console(file=stream), transient=True) as bar:
        yield _Bar(bar, title)


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
