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
    """A file cannot be read."""

    exit_code = 3


class WriteError(HadviewerError):
    """A file cannot be written."""

    exit_code = 3


class DetectorError(HadviewerError):
    """A detector refused its input or failed."""

    exit_code = 4


class Cancelled(Exception):
    """The user cancelled the work. Raised from ``Context.step`` and caught by whoever runs jobs."""


def _rebuild(kind: type[HadviewerError], state: dict[str, Any]) -> HadviewerError:
    error = kind.__new__(kind)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error
