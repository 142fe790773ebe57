"""The program as a shell sees it: which command is meant, and what becomes of its errors."""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from hadviewer.cli import flags
from hadviewer.cli.display import need_display
from hadviewer.cli.output import Output
from hadviewer.cli.typed import merged
from hadviewer.core.errors import Cancelled, HadviewerError, ReadError

DEBUG_VARIABLE = "HADVIEWER_DEBUG"
INTERRUPTED = 130
FILE_TROUBLE = 3


class OpenWindow(Protocol):
    """Opens the window on a file or the demo scene and returns the exit code when it is closed."""

    def __call__(self, path: str | None, **options: Any) -> int: ...


def main(arguments: Sequence[str], open_window: OpenWindow, output: Output | None = None) -> int:
    """Do what the arguments say; returns the exit code.

    0 done, 2 wrong usage or parameter, 3 cannot read or write, 4 the detector failed or refused, 130 interrupted.
    Whatever is the user's business becomes one sentence on standard error.
    """
    out = output or Output()
    verbose = "--verbose" in arguments or bool(os.environ.get(DEBUG_VARIABLE))
    try:
        if arguments and arguments[0] in flags.COMMANDS:
            return _command(arguments[0], arguments[1:], out)
        return _window(arguments, open_window)
    except HadviewerError as error:
        _tell(error, out, verbose)
        return error.exit_code
    except (KeyboardInterrupt, Cancelled):
        out.error("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        out.abandon()
        return 0
    except OSError as error:
        out.error(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.")
        if verbose:
            out.error(traceback.format_exc())
        out.abandon()
        return FILE_TROUBLE


def tell_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The last resort for an error nobody expected: a sentence instead of a traceback, unless one was asked for."""
    if "--verbose" in sys.argv or os.environ.get(DEBUG_VARIABLE):
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write(
        f"hadviewer: This is a mistake in the program, not yours ({kind.__name__}: {error}). "
        f"Run it again with {DEBUG_VARIABLE}=1 to see where it happened, and report that.\n"
    )


def _command(name: str, arguments: Sequence[str], out: Output) -> int:
    gc.enable()
    given = flags.parser(name).parse_args(arguments)
    module, _, function = flags.COMMANDS[name].run.partition(":")
    code = int(getattr(import_module(module), function)(given, out))
    out.finish()
    return code


def _window(arguments: Sequence[str], open_window: OpenWindow) -> int:
    given = flags.window_parser().parse_args(arguments)
    if given.file is not None and not Path(given.file).expanduser().exists():
        commands = ", ".join(flags.COMMANDS)
        raise ReadError(f"{given.file} does not exist.", hint=f"Give a file, or one of the commands {commands}.")
    if given.run is not None:
        from hadviewer.engine import catalog

        catalog.detectors().get(given.run)
    need_display(drawing=given.screenshot is not None)
    return open_window(
        given.file,
        entry=given.entry,
        options=merged(given.option or []) or None,
        truth=given.truth,
        screenshot=given.screenshot,
        run=given.run,
        size=given.size,
        theme=given.theme,
    )


def _tell(error: HadviewerError, out: Output, verbose: bool) -> None:
    more = "" if verbose or not error.details else " (--verbose says more.)"
    out.error(f"{error}{more}")
    if verbose:
        for text in (error.details, "".join(traceback.format_exception(error))):
            if text:
                out.error(text)
