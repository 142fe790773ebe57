"""Bad bands lists that are customary for some sensors and scenes, by the number of bands as delivered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BandList:
    """A list: its name, the number of bands it is for, and the bad ones as a user writes them (from 1)."""

    title: str
    count: int
    bad: str


LISTS: tuple[BandList, ...] = (
    BandList("AVIRIS, general", 224, "1-3,104-116,148-170,221-224"),
    BandList("AVIRIS San Diego", 224, "1-6,33-35,97,107-113,153-166,221-224"),
    BandList("AVIRIS Cuprite", 224, "1-2,104-113,148-167,221-224"),
    BandList("AVIRIS Salinas", 224, "108-112,154-167,224"),
    BandList("AVIRIS Indian Pines", 220, "104-108,150-163,220"),
    BandList("HYDICE Urban", 210, "1-4,76,87,101-111,136-153,198-210"),
)


def lists_for(count: int) -> list[BandList]:
    """The lists for scenes of this many bands."""
    return [item for item in LISTS if item.count == count]
