"""How much memory former states of a session keep alive."""

from typing import TYPE_CHECKING

from hadviewer.io.sources import ArraySource

if TYPE_CHECKING:
    from hadviewer.engine.session import SessionState


def bytes_held(states: "list[SessionState]", present: "SessionState") -> int:
    """Bytes of the distinct arrays that these states keep alive and the present one does not."""
    held: dict[int, int] = {}
    for state in states:
        held |= _sizes(state)
    kept = _sizes(present)
    return sum(size for array, size in held.items() if array not in kept)


def _sizes(state: "SessionState") -> dict[int, int]:
    """Bytes of each array in memory that a state holds, by its identity; a cube read from its file holds none."""
    arrays = [
        array
        for entry in state.results
        for array in (entry.result.scores, entry.result.valid, *entry.result.extras.values())
    ]
    if state.segmentation is not None:
        arrays += [state.segmentation.labels, state.segmentation.means]
    arrays += [array for region in state.regions for array in region.arrays()]
    arrays += [mark.pixels for mark in state.reviews]
    arrays += [pin.values for pin in state.pins if pin.values is not None]
    arrays += [item.library.spectra for item in state.libraries]
    if state.scene is not None and state.scene.truth is not None:
        arrays.append(state.scene.truth.mask)
    sizes = {id(array): array.nbytes for array in arrays}
    cubes = [state.scene.cube if state.scene is not None else None, *(look.cube for look in state.views.looks)]
    sources = [cube.source for cube in cubes if cube is not None]
    return sizes | {id(source): source.nbytes for source in sources if isinstance(source, ArraySource)}
