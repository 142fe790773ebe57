"""Detectors that know what they need per pixel ask for it before they start."""

from hadviewer.core.errors import DetectorError


def require_memory(pixels: int, each: float, hint: str) -> None:
    """Raises DetectorError with ``hint`` where ``each`` bytes for each of so many pixels are not free."""
    import psutil

    needed, free = pixels * each, psutil.virtual_memory().available
    if needed > free:
        raise DetectorError(
            f"This scene needs about {needed / 2**30:.1f} GiB of memory, {free / 2**30:.1f} GiB are free.", hint=hint
        )
