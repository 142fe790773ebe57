"""How well what somebody types fits a name: parts of words in any order are enough."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_BEGINS, _INITIALS, _INSIDE, _BESIDE, _SCATTERED = 0.0, 1.0, 2.0, 4.0, 8.0
"""Costs of a fit: at the beginning of a word, by initials, inside a word, in what is said beside, by
letters of a word with others left out."""


@dataclass(frozen=True)
class Sought:
    """A name prepared to be searched, with other words by which it may be found."""

    name: str
    beside: str
    words: tuple[str, ...]
    initials: str

    @classmethod
    def of(cls, name: str, beside: str = "") -> "Sought":
        """Prepare a name."""
        words = tuple(_WORD.findall(name.lower()))
        return cls(name.lower(), beside.lower(), words, "".join(word[0] for word in words))

    def cost(self, query: Sequence[str]) -> float | None:
        """The lower the better; None where one of the words (in small letters) is not found at all."""
        total = 0.0
        for part in query:
            cost = self._cost_of(part)
            if cost is None:
                return None
            total += cost
        return total + len(self.name) / 1000  # of two that fit alike the shorter is meant

    def _cost_of(self, part: str) -> float | None:
        for place, word in enumerate(self.words):
            if word.startswith(part):
                return _BEGINS + 0.1 * place + (0 if word == part else 0.5)
        if len(part) > 1 and part in self.initials:
            return _INITIALS
        if part in self.name:
            return _INSIDE
        if part in self.beside:
            return _BESIDE
        gaps = [_gaps(part, word) for word in self.words] if len(part) > 1 else []
        return min((_SCATTERED + gap for gap in gaps if gap is not None), default=None)


def _gaps(part: str, word: str) -> int | None:
    """How many letters lie between those of ``part`` in a word that begins with its first; None if it lacks one."""
    if not word.startswith(part[0]):
        return None
    place, gaps = 0, 0
    for letter in part[1:]:
        following = word.find(letter, place + 1)
        if following < 0:
            return None
        gaps += following - place - 1
        place = following
    return gaps
