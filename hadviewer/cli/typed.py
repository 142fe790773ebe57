"""What is typed after a flag, as values: pairs, steps, rules, lists."""

import argparse
import math
import re

from hadviewer.core.errors import ParamError

AND_THEN = r"\+(?=(?:[a-z]|\d[a-z])[\w-]*(?::|\+|$))"
"""A '+' before a name, not one of a number such as 1e+4."""


def size(text: str) -> tuple[int, int]:
    """'1600x1000' as (1600, 1000)."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 100 <= int(width) <= 20000 and 100 <= int(height) <= 20000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1600x1000")
    return int(width), int(height)


def pair(text: str) -> tuple[str, str]:
    """'key=value' as ('key', 'value')."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not key=value")
    return key.strip(), value


def step(text: str) -> tuple[str, dict[str, str]]:
    """'pca:components=20,whiten=yes' as ('pca', {'components': '20', 'whiten': 'yes'}).

    A comma that no key follows belongs to the value it stands in, as in 'bands:keep=1-50,60'.
    """
    name, _, rest = text.partition(":")
    return name.strip(), merged([pair(item) for item in re.split(r",(?=\s*\w+\s*=|\s*$)", rest) if item.strip()])


def merged(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Pairs as a dictionary; raises ParamError when a key comes twice."""
    found: dict[str, str] = {}
    for key, value in pairs:
        if key in found:
            raise ParamError(f"The parameter {key!r} is given twice.", field=key)
        found[key] = value
    return found


def seed(text: str) -> int:
    """A whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def rule(text: str) -> tuple[str, float | None]:
    """'gpd=1e-4' as ('gpd', 0.0001), 'otsu' as ('otsu', None)."""
    name, equals, number = text.partition("=")
    try:
        value = float(number) if equals else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not RULE or RULE=number") from None
    if value is not None and not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} does not give a finite number")
    return name.strip(), value


def entrants(text: str) -> list[list[tuple[str, dict[str, str]]]]:
    """'grx,pca+lrx:inner=5,outer=15' as [[('grx', {})], [('pca', {}), ('lrx', {'inner': '5', 'outer': '15'})]].

    A piece with '=' but no ':' before it is a further parameter of the detector before, a number one more of the list
    in its last parameter. Where semicolons stand between the detectors, every comma is one of parameters. What stands
    before a '+' is a transform for that detector alone.
    """
    pieces = [piece.strip() for piece in text.split(";")] if ";" in text else _joined(text.split(","))
    found = [[step(part) for part in re.split(AND_THEN, piece)] for piece in pieces if piece]
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} names no detector")
    return found


def _joined(parts: list[str]) -> list[str]:
    """The parts of a text that commas divided, those of one detector together again."""
    pieces: list[str] = []
    for part in (item.strip() for item in parts):
        further = "=" in part and ":" not in part.partition("=")[0]
        number = re.fullmatch(r"[-+.\de]*\d[-+.\de]*", part) is not None and "=" in "".join(pieces[-1:])
        if pieces and (further or number):
            pieces[-1] += f",{part}"
        else:
            pieces.append(part)
    return pieces


def formats(text: str) -> list[str]:
    """'envi,npy' as ['envi', 'npy']."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no format")
    return names
