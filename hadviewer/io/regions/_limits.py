"""Files of regions come from outside: what is read of them, and how much, is checked first."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.region import Corner, Points

MOST_BYTES = 64 * 2**20
MOST_REGIONS = 10_000
MOST_CORNERS = 2_000_000
LONGEST_NAME = 200
FARTHEST = 1e9
"""Pixels from the corner of the scene, beyond which a corner is a mistake."""


def text_of(path: Path) -> str:
    """The text of a file of regions; raises ReadError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReadError(f"{path.name} is too large for a file of regions.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ReadError(f"{path.name} is not text in UTF-8.") from None


def refuse_many(count: int, name: str) -> None:
    """Raise ReadError for more regions than can be worked with."""
    if count > MOST_REGIONS:
        raise ReadError(
            f"{name} has {count:,} regions, and at most {MOST_REGIONS:,} can be opened.",
            hint="Keep those you need, for example by their size.",
        )


def check_count(count: int) -> None:
    """Raise WriteError for more regions than could be opened again."""
    if count > MOST_REGIONS:
        raise WriteError(
            f"These are {count:,} regions, and a file of regions holds at most {MOST_REGIONS:,}.",
            hint="Raise the threshold or the smallest object, or write them as GeoPackage.",
        )


def name_of(given: object, number: int) -> str:
    """A name as it can be shown, or one by the region's number."""
    name = " ".join(str(given).split()) if isinstance(given, str) else ""
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME] or f"Region {number}"


def colour_of(given: object) -> str | None:
    """#rrggbb of '#rrggbb', 'r,g,b' or three numbers; None for anything else."""
    if isinstance(given, str) and len(given) == 7 and given[0] == "#":
        return given.lower() if all(digit in "0123456789abcdefABCDEF" for digit in given[1:]) else None
    parts: Sequence[object] = given.strip("{}() ").split(",") if isinstance(given, str) else ()
    if isinstance(given, list):
        parts = given
    try:
        levels = [round(float(str(part))) for part in parts]
    except (ValueError, OverflowError):
        return None
    if len(levels) != 3 or not all(0 <= level <= 255 for level in levels):
        return None
    return "#" + "".join(f"{level:02x}" for level in levels)


def finite(values: Iterable[object], what: str) -> list[float]:
    """The values as numbers; raises ReadError where one is none."""
    try:
        numbers = [float(value) for value in values if not isinstance(value, bool)]  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ReadError(f"{what} holds a coordinate that is no number.") from None
    if not all(map(math.isfinite, numbers)):
        raise ReadError(f"{what} holds a coordinate that is not finite.")
    return numbers


def near(corners: list[Corner], what: str) -> list[Corner]:
    """The corners; raises ReadError where one is so far off that no scene could hold it."""
    if any(abs(row) > FARTHEST or abs(col) > FARTHEST for row, col in corners):
        raise ReadError(f"{what} holds a place far from the scene.", hint="Is it for another scene?")
    return corners


def points(places: Iterable[Corner]) -> Points:
    """The pixels in which these places lie."""
    return Points(tuple((int(row // 1), int(col // 1)) for row, col in places))


def ring(corners: list[Corner]) -> tuple[Corner, ...]:
    """A closed ring without its last corner, which is its first."""
    return tuple(corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners)
