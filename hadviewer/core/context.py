"""What a running detector or transform may ask of the program, and how it is stopped."""

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import Cancelled

if TYPE_CHECKING:
    from hadviewer.core.specs import DetectorSpec

T = TypeVar("T")
BACKGROUND = "background"
"""The input (rows, cols) that marks the pixels from which a detector takes its statistics."""


class Reporter(Protocol):
    """Receives what a context reports. Every method may be called thousands of times and must be cheap."""

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None: ...
    def preview(self, scores: NDArray[np.float32]) -> None: ...
    def curve(self, name: str, x: float, y: float) -> None: ...
    def picture(self, name: str, step: int, array: NDArray[Any]) -> None: ...


class SilentReporter:
    """Reports to nobody."""

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        """Ignored."""

    def preview(self, scores: NDArray[np.float32]) -> None:
        """Ignored."""

    def curve(self, name: str, x: float, y: float) -> None:
        """Ignored."""

    def picture(self, name: str, step: int, array: NDArray[Any]) -> None:
        """Ignored."""


class Context:
    """Seed, device, progress and cancellation of one run.

    ``device`` is 'cpu', 'cuda', 'cuda:1' or 'mps'. ``threads`` is how many the run may use, None for the default.
    ``extras`` collects named arrays that go into the result, ``remarks`` sentences that go into its notes.
    ``inputs`` are named arrays of the size of the scene that the user hands in, such as 'segments' (rows, cols).
    ``wavelengths`` (bands,) in nm are those of the bands handed in, None where unknown or behind a transform.
    ``find_detector`` gives the detector with an id, plug-ins included, or raises ParamError; None outside the engine.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        device: str = "cpu",
        threads: int | None = None,
        reporter: Reporter | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        find_detector: "Callable[[str], DetectorSpec] | None" = None,
    ) -> None:
        self.seed = seed
        self.device = device
        self.threads = threads
        self.extras: dict[str, NDArray[Any]] = {}
        self.remarks: list[str] = []
        self.inputs: dict[str, NDArray[Any]] = {}
        self.wavelengths: NDArray[np.float64] | None = None
        self.find_detector = find_detector
        self._reporter = reporter or SilentReporter()
        self._cancelled = cancelled
        self._frame = (0.0, 1.0)
        self._stage = (0.0, 1.0)
        self._reached = 0.0

    # As text: numpy brings its random part only when it is asked for, and start-up can do without.
    def rng(self) -> "np.random.Generator":
        """A fresh generator from the seed; equal at every call."""
        return np.random.default_rng(self.seed)

    def step(self, done: float, total: float | None = None, message: str = "", **values: float) -> None:
        """Say how far the work is; raises Cancelled when the user asked to stop. Never runs backwards.

        ``values`` are figures worth showing, such as loss=0.03.
        """
        if self._cancelled():
            raise Cancelled
        fraction = None
        if total:
            low, high = self._stage
            self._reached = max(self._reached, low + (high - low) * min(1.0, done / total))
            fraction = self._reached
        self._reporter.progress(fraction, message, values)

    def track(self, items: Iterable[T], total: int | None = None, message: str = "") -> Iterator[T]:
        """The items one by one, with a step before each and one at the end."""
        count = total if total is not None else (len(items) if isinstance(items, Sized) else None)
        done = 0
        for item in items:
            self.step(done, count, message)
            yield item
            done += 1
        self.step(done, count or done or 1, message)

    def stage(self, start: float, stop: float) -> None:
        """From here on, progress 0..1 means start..stop of this detector's share of the bar."""
        low, high = self._frame
        self._stage = (low + (high - low) * start, low + (high - low) * stop)

    def frame(self, start: float, stop: float) -> None:
        """Give what runs next the part start..stop of the whole bar; its own stages divide that part."""
        self._frame = self._stage = (start, stop)

    def part(self, start: float, stop: float, device: str | None = None) -> "Context":
        """The context of a detector that this one runs: it fills the part start..stop of this one's share of the bar.

        Seed, reporter, cancellation and inputs are the same; extras and remarks are its own.
        """
        inner = Context(
            seed=self.seed,
            device=device or self.device,
            threads=self.threads,
            reporter=self._reporter,
            cancelled=self._cancelled,
            find_detector=self.find_detector,
        )
        inner.inputs, inner.wavelengths = self.inputs, self.wavelengths
        low, high = self._frame
        inner.frame(low + (high - low) * start, low + (high - low) * stop)
        return inner

    def preview(self, scores: NDArray[np.float32]) -> None:
        """Show an unfinished score map (rows, cols)."""
        self._reporter.preview(scores)

    def curve(self, name: str, x: float, y: float) -> None:
        """Add a point to a named curve, such as the loss against the step."""
        self._reporter.curve(name, x, y)

    def picture(self, name: str, step: int, array: NDArray[Any]) -> None:
        """Show what a network does at a step: float32 (rows, cols) as a map, (rows, cols, 3) in 0..1 as colours.

        Other shapes (a, b) are shown as a matrix. Later pictures of the same name make a film.
        """
        self._reporter.picture(name, step, array)

    def extra(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array beside the scores in the result."""
        self.extras[name] = array

    def note(self, sentence: str) -> None:
        """Keep a remark about the run in the result: remarkable, not wrong."""
        self.remarks.append(sentence)
