"""Check that this machine has what `make` cannot install with pip: a Python new enough and Qt's system libraries.

As root on Debian or Ubuntu the missing packages are installed; otherwise the one line to type is printed and the exit
status is 1. Uses the standard library only, and the syntax of old Pythons, so that an old one can still say it is old.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)

# Library the dynamic loader must find -> Debian package that holds it. Leaving any one out stops the window.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


def found(library):
    """True when the dynamic loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing():
    """Map each missing thing to the Debian package that brings it."""
    lacking = {}
    if importlib.util.find_spec("ensurepip") is None:
        lacking["the Python module ensurepip"] = "python3-venv"
    if sys.platform.startswith("linux"):
        lacking.update((name, package) for name, package in QT_LIBRARIES.items() if not found(name))
    return lacking


def install(packages):
    """Install Debian packages as root; what fails shows up as still missing."""
    sys.stderr.write("Installing system packages: {}\n".format(" ".join(packages)))
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["update", "-qq"],
        ["install", "-qq", "-y", "--no-install-recommends", "-oDpkg::Use-Pty=0", *packages],
    ):
        subprocess.call(["apt-get", *command], env=environment, **quiet)


def advice(lacking):
    """Say in a few lines what is missing and what to type."""
    packages = " ".join(sorted(set(lacking.values())))
    if shutil.which("apt-get"):
        line = "{}apt-get install -y {}".format("" if os.geteuid() == 0 else "sudo ", packages)
        return "hadviewer needs some system packages. Type this line, then run make again:\n\n    " + line + "\n\n"
    return (
        "hadviewer needs these system libraries: {}.\n"
        "Install them with your package manager (on Debian the packages are called {}), then run make again.\n"
    ).format(", ".join(lacking), packages)


def main():
    """Return 0 when everything is there, 1 after saying what is missing."""
    if sys.version_info < OLDEST:
        sentence = (
            "hadviewer needs Python {}.{} or newer, and {} is {}.{}; name another with make PYTHON=/path/to/python3\n"
        )
        sys.stderr.write(sentence.format(*OLDEST, sys.executable, *sys.version_info[:2]))
        return 1
    lacking = missing()
    if lacking and shutil.which("apt-get") and os.geteuid() == 0:
        install(sorted(set(lacking.values())))
        importlib.invalidate_caches()
        lacking = missing()
    if lacking:
        sys.stderr.write(advice(lacking))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
