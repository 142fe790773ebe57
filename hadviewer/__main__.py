"""Where the program starts: a path or nothing opens the window, a sub-command runs on the command line.

Worker processes import this module again, so it does nothing but define.
"""

import gc
import os
import sys
from typing import Any


def main(arguments: list[str] | None = None) -> int:
    """Run the program with these arguments (those of the process by default); returns the exit code."""
    # Until the window stands or a command begins, thousands of classes come into being and none goes: looking for
    # garbage meanwhile costs a tenth of the start-up. Both switch it on again.
    gc.disable()
    # Threads of numerical libraries with nothing to do sleep: spinning, they bring a busy machine to a standstill.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from hadviewer.cli import main as cli

    sys.excepthook = cli.tell_bug
    return cli.main(sys.argv[1:] if arguments is None else arguments, _open_window)


def _open_window(path: str | None, **options: Any) -> int:
    # pydantic has no plug-ins here to look for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from hadviewer.gui import app
    except ImportError as error:
        if ".so" not in str(error):
            raise
        from hadviewer.core.errors import HadviewerError

        hint = "Install Qt's system libraries: in the source folder, make setup names them."
        raise HadviewerError(f"Qt cannot be loaded ({error}).", hint=hint) from error
    return int(app.run(path, **options))


if __name__ == "__main__":
    sys.exit(main())
