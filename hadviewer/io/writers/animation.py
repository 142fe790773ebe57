"""PNG files of finished pictures: one, or a sequence that plays in every browser (animated PNG)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.io.atomic import replacing

FRAME_MS, LAST_MS = 150, 2000
"""How long a picture of a sequence stays, and the last one."""


def write_picture(path: Path, picture: NDArray[np.uint8], title: str = "") -> Path:
    """Write a picture uint8 (rows, cols, 3 or 4); raises WriteError."""
    from PIL import Image

    with replacing(path) as (part,), part.open("wb") as file:
        Image.fromarray(np.ascontiguousarray(picture)).save(file, "PNG", pnginfo=_info(title))
    return path


def write_animation(path: Path, pictures: Iterable[NDArray[np.uint8]], title: str = "") -> Path:
    """Write pictures of one size, uint8 (rows, cols, 3), as one animated PNG that starts over at its end.

    Programs that know no animation show the first picture. Raises WriteError.
    """
    from PIL import Image

    first, *others = (Image.fromarray(np.ascontiguousarray(picture)) for picture in pictures)
    durations = [FRAME_MS] * len(others) + [LAST_MS]
    with replacing(path) as (part,), part.open("wb") as file:
        first.save(file, "PNG", save_all=True, append_images=others, duration=durations, loop=0, pnginfo=_info(title))
    return path


def _info(title: str) -> Any:
    from PIL.PngImagePlugin import PngInfo

    fields = PngInfo()
    fields.add_itxt("Title", title)
    fields.add_itxt("Comment", "The values of this picture are display colours, not data.")
    fields.add_itxt("Software", f"hadviewer {__version__}")
    return fields
