"""Whether a window can be shown here: asked before Qt is, because Qt ends the process where it cannot."""

import os
import socket
import sys
from pathlib import Path

from hadviewer.core.errors import HadviewerError

ON_A_SCREEN = ("", "xcb", "wayland", "wayland-egl")
"""Values of QT_QPA_PLATFORM that need a display server."""
X_PORT = 6000
PATIENCE_SECONDS = 2.0


def need_display(*, drawing: bool) -> None:
    """Make sure Qt can start. With ``drawing``, only a picture is wanted: without a display it is drawn off screen.

    Raises HadviewerError where a window is wanted and there is no display.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "") not in ON_A_SCREEN:
        return
    if _wayland() or _x11():
        return
    if drawing:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        return
    raise HadviewerError(
        "There is no display here, so the window cannot open.",
        hint="Add --screenshot picture.png to draw it into a file, or use the commands (hadviewer --help).",
    )


def _wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and Path(os.environ.get("XDG_RUNTIME_DIR", ""), name).is_socket()


def _x11() -> bool:
    host, _, rest = os.environ.get("DISPLAY", "").rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host and host != "unix" and not host.startswith("/"):
        return _answers(socket.AF_INET, (host, X_PORT + int(number)))
    place = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen
    return _answers(socket.AF_UNIX, place) or _answers(socket.AF_UNIX, f"\0{place}")


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE_SECONDS)
        try:
            line.connect(address)
        except OSError:
            return False
        return True
