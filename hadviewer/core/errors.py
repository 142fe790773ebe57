"""The errors a user can meet, each one clear sentence: what happened, where, what to do."""

from typing import Any


class HadviewerError(Exception):
    """Base of every error that is the user's business rather than a bug.

    ``message`` is one sentence; ``hint`` says what to try; ``details`` may hold many lines for those who ask.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), self.__dict__)


class ParamError(HadviewerError):
    """A parameter or argument is wrong; ``field`` names it so that a form can mark it."""

    exit_code = 2

    def __init__(self, message: str, *, field: str = "", hint: str = "", details: str = "") -> None:
        super().__init__(message, hint=hint, details=details)
        self.field = field


class ReadError(HadviewerError):
    """A file cannot be read. Names found in files may hold anything: it is told in a line that can be shown.

    ``option`` names the option of its reader that helps, where one does.
    """

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "", details: str = "", option: str = "") -> None:
        super().__init__(_shown(message), hint=_shown(hint), details=details)
        self.option = option


class WriteError(HadviewerError):
    """A file cannot be written."""

    exit_code = 3


class DetectorError(HadviewerError):
    """A detector refused its input or failed."""

    exit_code = 4


class Cancelled(Exception):
    """The user cancelled the work. Raised from ``Context.step`` and caught by whoever runs jobs."""


MOST_LETTERS = 300


def in_a_line(error: BaseException) -> str:
    """A foreign error as one line of a message: its kind and the first line it has; its details hold the rest."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    kind = type(error).__name__
    shown = said if len(said) <= MOST_LETTERS else f"{said[:MOST_LETTERS]}…"
    return f"{kind}: {shown}" if shown else kind


def _shown(text: str) -> str:
    """One line without characters that a terminal would obey."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= 2 * MOST_LETTERS else f"{line[: 2 * MOST_LETTERS - 1]}…"


def _rebuild(kind: type[HadviewerError], state: dict[str, Any]) -> HadviewerError:
    error = kind.__new__(kind)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error
