"""Files that hold several arrays by name: which is the cube, the mask, the wavelengths, and in what axis order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Guess
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry
from hadviewer.io.readers._wavelengths import Wavelengths, in_nanometres

Order = Literal["auto", "bip", "bsq", "bil"]
Load = Callable[..., NDArray[Any]]
"""``load(name)`` gives an array whole; ``load(name, most)`` about so many values from its beginning, in any shape."""

WAVELENGTH_NAMES = (
    "wavelengths", "wavelength", "wavlength", "wavlengths", "wl", "wvl", "wave", "waves", "lambda", "lambdas",
    "center_wavelengths", "band_centers", "centers", "wavelengths_nm", "wavelength_nm", "wavelengths_um",
    "wavelength_um", "bands",
)  # fmt: skip
FWHM_NAMES = ("fwhm", "fwhms", "bandwidth", "bandwidths")
USABLE_NAMES = ("bbl", "good_wavelengths", "goodbands", "good_bands")
MASK_NAMES = ("map", "gt", "groundtruth", "ground_truth", "mask", "truth", "label", "labels", "planegt")
_ROW_NAMES = ("nrow", "nrows", "rows", "row", "lines", "nlines", "height", "h", "m")
_COL_NAMES = ("ncol", "ncols", "cols", "col", "columns", "samples", "nsamples", "width", "w", "n")
AXES = {"bip": (0, 1, 2), "bsq": (1, 2, 0), "bil": (0, 2, 1)}
_ORDER_WORDS = {
    "bip": "lines × samples × bands",
    "bsq": "bands × lines × samples",
    "bil": "lines × bands × samples",
}
MASK_VALUES = 32
MASK_PIXELS = 2**26
_GLANCE = 2**16
_WHOLE_BYTES = 2**26


@dataclass(frozen=True)
class Variable:
    """One array in a file; ``dtype`` is None for what is no plain array of numbers, then ``kind`` says what it is."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    kind: str = ""

    @property
    def size(self) -> int:
        """Number of values, as a Python int: hostile shapes overflow smaller ones."""
        total = 1
        for length in self.shape:
            total *= length
        return total

    @property
    def nbytes(self) -> int:
        return self.size * (self.dtype.itemsize if self.dtype is not None else 1)


@dataclass(frozen=True)
class Reading:
    """How a variable becomes a cube: its axis order, or how its pixels (2-D, pixels in one axis) are unfolded.

    ``guessed`` is what was guessed about that, whether it is worth a ``note`` or not.
    """

    variable: Variable
    shape: tuple[int, int, int]
    order: str = "bip"
    folded: bool = False
    note: str = ""
    guessed: tuple[Guess, ...] = ()


def readings(variables: Sequence[Variable], load: Load, order: Order = "auto", *, guess: bool = False) -> list[Reading]:
    """The arrays that could be cubes, best first. ``guess`` allows the order to be guessed from the sizes alone."""
    solid = [item for item in variables if item.dtype is not None and len(item.shape) == 3 and item.size]
    found = [_oriented(item, variables, order, guess) for item in solid]
    found.sort(key=lambda item: (not plausible(item), -item.variable.size))
    if not any(plausible(item) for item in found):
        found = [*_unfolded(variables, load), *found]
    return found


def list_entries(variables: Sequence[Variable], cubes: Sequence[Reading], load: Load) -> list[Entry]:
    """Everything of use in the file: cubes, then masks, then the rest."""
    best = cubes[0].shape[:2] if cubes else None
    listed = [
        Entry(item.variable.name, item.shape, _name(item.variable), _cube_role(item, cubes), item.note)
        for item in cubes
    ]
    cube_names = {item.variable.name for item in cubes}
    rest = [item for item in variables if item.dtype is not None and item.name not in cube_names and item.size > 1]
    marks = {item.name: _mask_rank(item, best, load) for item in rest}
    masks = sorted((item for item in rest if marks[item.name] > 0), key=lambda item: -marks[item.name])
    others = [item for item in rest if marks[item.name] == 0]
    others.sort(key=lambda item: (len(item.shape) != 2 or min(item.shape) < 2, -item.size))
    listed += [Entry(item.name, item.shape, _name(item), "mask") for item in masks]
    return listed + [Entry(item.name, item.shape, _name(item)) for item in others]


def choose(path: Path, cubes: Sequence[Reading], variables: Sequence[Variable], entry: str | None) -> Reading:
    """The reading of ``entry``, or the best; a 2-D array becomes a cube of one band. Raises ReadError."""
    if entry is None:
        if cubes:
            return cubes[0]
        raise ReadError(f"{path.name} holds no cube.", hint="A cube is an array with three axes.")
    for item in cubes:
        if item.variable.name == entry:
            return item
    variable = find(path, variables, entry)
    if len(variable.shape) == 2 and variable.size:
        return Reading(variable, (*variable.shape, 1))
    sizes = " × ".join(map(str, variable.shape))
    raise ReadError(f"{entry} in {path.name} is {sizes}, which is no cube.", hint="A cube has three axes.")


def find(path: Path, variables: Iterable[Variable], entry: str) -> Variable:
    """The array called ``entry``. Raises ReadError naming those that exist."""
    variables = list(variables)
    chosen = next((item for item in variables if item.name == entry), None)
    if chosen is None:
        names = ", ".join(item.name for item in variables if item.dtype is not None) or "no array of numbers"
        raise ReadError(f"{path.name} has no entry {entry!r}.", hint=f"It holds {names}.")
    if chosen.dtype is None:
        raise ReadError(
            f"{entry} in {path.name} is {_article(chosen.kind)}, not an array of numbers.",
            hint="Save the array itself as a variable of its own.",
        )
    return chosen


def flat_name(path: Path, variables: Sequence[Variable], load: Load) -> str:
    """The array meant when a mask or score map is wanted and none is named."""
    flat = [item for item in list_entries(variables, [], load) if len([n for n in item.shape if n != 1]) == 2]
    if not flat:
        raise ReadError(f"{path.name} holds no mask or score map.", hint="Such an array has lines and samples only.")
    return flat[0].name


def as_map(path: Path, entry: str, array: NDArray[Any]) -> NDArray[Any]:
    """A 2-D array; axes of length one are dropped. Raises ReadError for anything else."""
    if array.ndim > 2:
        kept = [length for length in array.shape if length != 1]
        if len(kept) == 2:
            return array.reshape(kept, order="A")
    if array.ndim != 2:
        sizes = " × ".join(map(str, array.shape)) or "one number"
        raise ReadError(f"{entry} in {path.name} is {sizes}, a mask or score map has lines and samples.")
    return array


def to_file_order(array: NDArray[Any], reading: Reading) -> NDArray[Any]:
    """``array`` with three axes in the order the reading names; unfolding runs down the columns, as MATLAB does."""
    rows, cols, bands = reading.shape
    if not reading.folded:
        return array[:, :, np.newaxis] if array.ndim == 2 else array
    if array.shape[0] == rows * cols:
        return array.reshape(cols, rows, bands).transpose(1, 0, 2)
    return array.reshape(bands, cols, rows).transpose(2, 1, 0)


def band_set(variables: Sequence[Variable], count: int, load: Load) -> tuple[BandSet, tuple[str, ...]]:
    """Wavelengths, widths and bad bands from the vectors of the right length and name, and what to tell."""
    raw = {key: _vector(variables, names, count, load) for key, names in _SPECTRAL.items()}
    found = Wavelengths()
    if raw["centres"] is not None:
        name, values = raw["centres"]
        unit = name.rpartition("_")[2] if name.endswith(("_nm", "_um")) else ""
        found = in_nanometres(values, unit, None if raw["fwhm"] is None else raw["fwhm"][1])
        if name == "bands" and found.centres is None:
            found = Wavelengths()
    usable = None if raw["usable"] is None else raw["usable"][1] > 0
    if usable is not None and not usable.any():
        usable = None
    return found.bands(count, usable=usable), found.notes


_SPECTRAL = {"centres": WAVELENGTH_NAMES, "fwhm": FWHM_NAMES, "usable": USABLE_NAMES}


def _vector(
    variables: Sequence[Variable], names: Sequence[str], count: int, load: Load
) -> tuple[str, NDArray[np.float64]] | None:
    fitting = {item.name.lower(): item for item in variables if _is_vector(item) and item.size == count}
    for name in names:
        if name in fitting:
            values = np.asarray(load(fitting[name].name)).reshape(-1)
            if values.dtype.kind in "biuf" and values.size == count and np.all(np.isfinite(values)):
                return name, values.astype(np.float64)
    return None


def _is_vector(item: Variable) -> bool:
    return item.dtype is not None and sum(length != 1 for length in item.shape) <= 1 and item.size > 0


def _oriented(item: Variable, variables: Sequence[Variable], order: Order, guess: bool) -> Reading:
    note = ""
    guessed: tuple[Guess, ...] = ()
    if order == "auto":
        chosen = _evidence(item, variables)
        if chosen is None:
            chosen, sure = guess_order(item.shape) if guess else ("bip", True)
            why = f"The axes of {item.name} were taken as {_ORDER_WORDS[chosen]}"
            reason = "as their lengths suggest" if guess else "as is the custom"
            told = f"{why}, {reason}." if sure else f"{why}; the reader option order changes it."
            guessed, note = (_order_guess(chosen, told),), "" if sure else told
        elif chosen != "bip":
            note = f"The axes of {item.name} are {_ORDER_WORDS[chosen]}, as its wavelengths or mask show."
    else:
        chosen = order
    rows, cols, bands = (item.shape[axis] for axis in AXES[chosen])
    return Reading(item, (rows, cols, bands), chosen, note=note, guessed=guessed)


def _order_guess(order: str, why: str) -> Guess:
    return Guess("order", order, why, tuple(other for other in AXES if other != order))


def _evidence(item: Variable, variables: Sequence[Variable]) -> str | None:
    """The order that the length of a wavelength vector or the shape of a mask proves, else None."""
    lengths = {v.size for v in variables if v.name.lower() in WAVELENGTH_NAMES and _is_vector(v)}
    masks = {v.shape for v in variables if v.dtype is not None and len(v.shape) == 2 and _has_mask_name(v.name)}
    fits = {}
    for order, axes in AXES.items():
        rows, cols, bands = (item.shape[axis] for axis in axes)
        fits[order] = (bands in lengths, (rows, cols) in masks or (cols, rows) in masks)
    best = max(fits.values())
    proven = [order for order, fit in fits.items() if fit == best]
    if not any(best):
        return None
    return "bip" if "bip" in proven else proven[0]


def guess_order(shape: tuple[int, ...]) -> tuple[str, bool]:
    """(order, whether that is certain) from the sizes alone: the two most alike are lines and samples."""
    first, second, third = shape
    if first == second != third:
        return "bip", True
    if second == third != first and first >= 4:
        return "bsq", True
    ratios = {"bip": (first, second), "bsq": (second, third), "bil": (first, third)}
    alike = min(ratios, key=lambda order: max(ratios[order]) / max(1, min(ratios[order])))
    if alike != "bip" and first == min(shape) and first >= 4:
        return "bsq", False
    return "bip", False


def _unfolded(variables: Sequence[Variable], load: Load) -> list[Reading]:
    """2-D arrays of pixels × bands or bands × pixels, where the file tells the lines and samples."""
    sizes = _image_sizes(variables, load)
    found = []
    for item in variables:
        if item.dtype is None or len(item.shape) != 2 or min(item.shape) < 4:
            continue
        for rows, cols in sizes:
            if rows * cols in item.shape and (rows, cols) != item.shape:
                bands = item.shape[1] if item.shape[0] == rows * cols else item.shape[0]
                note = f"{item.name} holds the pixels in one axis; they were unfolded column by column."
                found.append(Reading(item, (rows, cols, bands), "bip", True, note))
                break
    return sorted(found, key=lambda item: -item.variable.size)


def _image_sizes(variables: Sequence[Variable], load: Load) -> list[tuple[int, int]]:
    """Candidates for (lines, samples): two single numbers with telling names, and the shapes of masks."""
    single = {item.name.lower(): item.name for item in variables if item.dtype is not None and item.size == 1}
    lines, samples = ([single[name] for name in names if name in single] for names in (_ROW_NAMES, _COL_NAMES))
    found = []
    if lines and samples:
        values = [float(np.real(np.asarray(load(name)).reshape(-1)[0])) for name in (lines[0], samples[0])]
        if all(value >= 2 and value == value // 1 for value in values):
            found.append((int(values[0]), int(values[1])))
    flat = [item for item in variables if item.dtype is not None and len(item.shape) == 2 and min(item.shape) >= 2]
    return found + [(item.shape[0], item.shape[1]) for item in flat if _has_mask_name(item.name)]


def plausible(item: Reading) -> bool:
    """Whether sizes and type are those of a cube rather than of a photograph or a table."""
    rows, cols, bands = item.shape
    assert item.variable.dtype is not None
    picture = bands in (3, 4) and item.variable.dtype == np.uint8
    return min(rows, cols) >= 8 and bands >= 4 and not picture


def _cube_role(item: Reading, cubes: Sequence[Reading]) -> Literal["cube", "other"]:
    return "cube" if plausible(item) or item is cubes[0] else "other"


def _mask_rank(item: Variable, wanted: tuple[int, int] | None, load: Load) -> int:
    """0 when it is no mask; else higher the better it fits in shape, name and values."""
    shape = tuple(length for length in item.shape if length != 1) if len(item.shape) > 2 else item.shape
    if len(shape) != 2 or min(shape) < 2 or item.size > MASK_PIXELS:
        return 0
    if wanted is not None and shape not in (wanted, wanted[::-1]):
        return 0
    named, values = _has_mask_name(item.name), np.unique(load(item.name, _GLANCE))
    if item.size > _GLANCE and item.nbytes <= _WHOLE_BYTES and _are_marks(values):
        values = _values_of(load(item.name).reshape(-1, order="A"), values)
    if not _are_marks(values) or (len(values) < 2 and not named):
        return 0
    return 1 + 4 * (shape == wanted) + 2 * named + (len(values) == 2)


def _are_marks(values: NDArray[Any]) -> bool:
    """Whether these distinct values can be those of a mask: few whole numbers."""
    if values.dtype.kind not in "biuf" or len(values) > MASK_VALUES:
        return False
    return values.dtype.kind != "f" or not np.any(values != np.floor(values))


def _values_of(array: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """The distinct values of an array that mostly holds ``known`` ones; of very many others, enough to tell."""
    for value in known.tolist():
        array = array[array != value]
    return np.union1d(known, array[:_GLANCE])


def _has_mask_name(name: str) -> bool:
    plain = name.lower()
    return any(plain == word or plain.endswith(f"_{word}") or plain.startswith(f"{word}_") for word in MASK_NAMES)


def _name(item: Variable) -> str:
    return "" if item.dtype is None else item.dtype.name


def _article(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind or 'structure'}"
