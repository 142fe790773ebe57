"""Detectors that know what they need per pixel ask for it before they start."""

from hadviewer.core.errors import DetectorError


def require_memory(pixels: int, each: float, hint: str = "", *, fixed: float = 0) -> None:
    """Raises DetectorError where ``each`` bytes for each of so many pixels, and ``fixed`` ones beside, are not free.

    Without a ``hint`` it says how many pixels would fit.
    """
    import psutil

    needed, free = pixels * each + fixed, psutil.virtual_memory().available
    if needed > free:
        raise DetectorError(
            f"This scene of {pixels} pixels needs about {needed / 2**30:.1f} GiB of memory, "
            f"{free / 2**30:.1f} GiB are free.",
            hint=hint or f"Choose a region of at most {max(0, int((free - fixed) // each))} pixels, or fewer bands.",
        )
