"""How much memory this machine has free, asked before a large array is made."""

from hadviewer.core.errors import DetectorError

RESERVE = 0.1
"""Share of the free memory left to the rest of the machine."""


def free_bytes() -> int:
    """Memory that can be had without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def require(shape: tuple[int, int, int], copies: int, purpose: str) -> None:
    """Refuse a float32 array (rows, cols, bands), held ``copies`` times, that memory cannot take.

    Raises DetectorError naming the purpose, what is needed, what is free and how many lines would fit.
    """
    rows, cols, bands = shape
    line = 4 * cols * bands * copies
    usable = int(free_bytes() * (1 - RESERVE))
    if rows * line <= usable:
        return
    raise DetectorError(
        f"{purpose} holds the whole scene in memory: {_gib(rows * line)} are needed, {_gib(usable)} are free.",
        hint=f"Choose a region of at most {usable // max(1, line)} lines, or fewer bands.",
    )


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"
