"""What users do to the regions of interest of a session; each is one step to undo."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Truth
from hadviewer.core.region import COLOURS, Part, Patch, Points, Region
from hadviewer.core.runs import Runs

if TYPE_CHECKING:
    from hadviewer.engine.session import Session


class Regions:
    """The regions of a session: made, drawn, renamed, coloured, shown, removed."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def get(self, region_id: int | None) -> Region | None:
        """The region with this id."""
        return next((region for region in self._session.state.regions if region.id == region_id), None)

    def add(self, parts: Sequence[Part] = (), name: str = "") -> Region:
        """One more region, in the first colour that is free."""
        region = self._fresh(self._session.state.regions, Region(0, name, "", parts=tuple(parts)))
        self._become(f"Add {region.name}", (*self._session.state.regions, region))
        return region

    def take(self, read: Sequence[Region], source: str) -> list[Region]:
        """Add regions read from a file under their own names and colours."""
        regions = self._session.state.regions
        for region in read:
            regions = (*regions, self._fresh(regions, region))
        self._become(f"Open {source}", regions)
        return list(regions[len(regions) - len(read) :])

    def draw(self, region_id: int, part: Part) -> None:
        """Add what was drawn to a region; points and strokes become one with those before."""
        region = self.get(region_id)
        if region is not None:
            self._replace(f"Draw {region.name}", replace(region, parts=_with(region.parts, part)))

    def erase(self, region_id: int, runs: Runs, shape: tuple[int, int]) -> None:
        """Take pixels out of a region of a scene (rows, cols); parts that they do not touch stay as they were drawn."""
        region = self.get(region_id)
        if region is None:
            return
        parts: list[Part] = []
        for part in region.parts:
            before = part.runs(shape)
            after = runs_of.minus(before, runs)
            if runs_of.count(after) == runs_of.count(before):
                parts.append(part)
            elif len(after):
                parts.append(Patch(after))
        if tuple(parts) != region.parts:
            self._replace(f"Erase {region.name}", replace(region, parts=tuple(parts)))

    def update(self, region_id: int, **changes: Any) -> None:
        """Change name, colour or visibility."""
        region = self.get(region_id)
        if region is not None and replace(region, **changes) != region:
            self._replace(f"Change {region.name}", replace(region, **changes))

    def remove(self, region_ids: Sequence[int]) -> None:
        """Let regions go."""
        gone = [region for region in self._session.state.regions if region.id in region_ids]
        if gone:
            kept = tuple(region for region in self._session.state.regions if region.id not in region_ids)
            self._become(f"Remove {gone[0].name}" if len(gone) == 1 else "Remove regions", kept)

    def use_as_truth(self, regions: Sequence[Region]) -> str:
        """Make the pixels of regions the known anomalies; returns what that truth is called."""
        cube = self._session.cube
        name = ", ".join(region.name for region in regions)
        if cube is not None:
            shape = cube.shape[:2]
            runs = runs_of.joined(region.runs(shape) for region in regions)
            self._session.set_truth(Truth(runs_of.to_mask(runs, shape), name))
        return name

    def _fresh(self, present: Sequence[Region], region: Region) -> Region:
        """The region with an id of its own, and with a name and a colour where it has none."""
        number = max((item.id for item in present), default=0) + 1
        used = {item.colour for item in present}
        colour = region.colour or next((item for item in COLOURS if item not in used), COLOURS[number % len(COLOURS)])
        return replace(region, id=number, name=region.name or f"ROI {number}", colour=colour)

    def _replace(self, label: str, changed: Region) -> None:
        regions = self._session.state.regions
        self._become(label, tuple(changed if item.id == changed.id else item for item in regions))

    def _become(self, label: str, regions: tuple[Region, ...]) -> None:
        self._session.change(label, regions=regions)


def _with(parts: tuple[Part, ...], part: Part) -> tuple[Part, ...]:
    """The parts with one more; points join points, strokes join strokes."""
    last = parts[-1] if parts else None
    if isinstance(part, Points) and isinstance(last, Points):
        return (*parts[:-1], Points(tuple(dict.fromkeys((*last.pixels, *part.pixels)))))
    if isinstance(part, Patch) and isinstance(last, Patch):
        return (*parts[:-1], Patch(runs_of.joined([last.pixels, part.pixels])))
    return (*parts, part)
