"""Where the weights of FEN lie, in which of the two published forms, and how they are loaded without being trusted.

Weights as state dicts (``convh.pt``, ``enc.pt``, ``pc.pt``) are read as data only. Weights as TorchScript
(``cwl_script.pt``, ``rnl_script.pt``, ``fpl_script.pt``) are programs: they are loaded once the user has allowed just
these files.
"""

import io
import pickle
import re
import shlex
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from hadviewer.core.errors import DetectorError, ParamError, ReadError
from hadviewer.io import consent
from hadviewer.transforms._fen_network import CWL, PFL, RNL, Enhancer, ProgramNetwork, StateNetwork, file_shapes
from hadviewer.transforms._resnet import Shapes, Weights

if TYPE_CHECKING:
    from torch import Tensor

MAX_BYTES = 64 * 2**20
"""No file of weights or program of FEN is larger; the published ones have 3 MiB."""

STATES = (f"{CWL}.pt", f"{RNL}.pt", f"{PFL}.pt")
PROGRAMS = ("cwl_script.pt", "rnl_script.pt", "fpl_script.pt")

DAMAGE = (
    pickle.UnpicklingError,
    *(RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError),
    *(zipfile.BadZipFile, zlib.error, struct.error, MemoryError),
)
"""What reading a damaged file of weights may raise."""


@dataclass(frozen=True)
class WeightFiles:
    """The three files of one network. ``bands`` is how many bands it takes, None for programs that do not tell."""

    folder: Path
    form: Literal["states", "programs"]
    bands: int | None

    @property
    def files(self) -> tuple[Path, ...]:
        """The three files, in the order in which a scene passes through them."""
        return tuple(self.folder / name for name in (STATES if self.form == "states" else PROGRAMS))

    @property
    def fingerprint(self) -> str:
        """A few digits that change with the content of any of the files."""
        return consent.fingerprint(b"".join(_content(path) for path in self.files))[:12]

    @property
    def title(self) -> str:
        """'200bands-aviris' or 'aviris/200bands': the folder, all that published weights tell of the sensor."""
        plain = re.fullmatch(r"\d+\s*bands", self.folder.name) is not None
        return f"{self.folder.parent.name}/{self.folder.name}" if plain else self.folder.name

    def programs(self) -> tuple[consent.Program, ...]:
        """The programs among the files: those for which the user has to be asked. None where they are data."""
        if self.form == "states":
            return ()
        return tuple(consent.Program(path, consent.fingerprint(_content(path))) for path in self.files)


def find_weights(place: Path) -> list[WeightFiles]:
    """The networks in a folder or in the folders just below it; ``place`` may be one of the files as well.

    Raises ReadError when there is none.
    """
    place = place.expanduser()
    folder = place.parent if place.is_file() else place
    if not folder.is_dir():
        raise ReadError(f"{place} does not exist.", hint="Give the folder with the weights of FEN.")
    try:
        below = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise ReadError(f"{folder} cannot be read: {error.strerror}.") from None
    found = [weights for path in (folder, *below) if (weights := _weights_in(path)) is not None]
    if found and found[0].folder == folder:
        return found[:1]
    if not found:
        raise ReadError(
            f"{folder} has no weights of FEN.",
            hint=f"They are the files {', '.join(STATES)} or {', '.join(PROGRAMS)}, there or in folders below.",
        )
    return found


def choose_weights(place: Path, bands: int) -> tuple[WeightFiles, str]:
    """The network for a scene of so many bands: that which uses most of them; and a remark about the choice, or ''.

    Raises DetectorError, naming what would fit, when every network needs more bands.
    """
    found = find_weights(place)
    fitting = [weights for weights in found if (weights.bands or 1) <= bands]
    if not fitting:
        beside = [item for item in _beside(found[0].folder) if (item.bands or bands + 1) <= bands]
        fits = max(beside, key=lambda item: item.bands or 0, default=None)
        needed = " or ".join(str(number) for number in sorted({item.bands or 0 for item in found}))
        raise DetectorError(
            f"The weights of FEN in {found[0].title if len(found) == 1 else place} need {needed} bands; "
            f"the scene has {bands}.",
            hint=f"{fits.folder} would fit." if fits else "Choose weights for fewer bands, or use more of the scene's.",
        )
    best = max(fitting, key=lambda item: item.bands or 0)
    others = [item.title for item in fitting if item.bands == best.bands and item is not best]
    if len(found) == 1:
        return best, ""
    also = f" {', '.join(others)} would fit as well; name the folder to choose." if others else ""
    return best, f"Of the weights in {place}, those of {best.title} use most of the {bands} bands.{also}"


def load_network(weights: WeightFiles, device: str) -> Enhancer:
    """The network, on a device. Raises ReadError for damaged files, DetectorError for programs not yet allowed."""
    return _load_states(weights, device) if weights.form == "states" else _load_programs(weights, device)


def load_data(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """What torch saved into a file, read as data only: tensors, numbers, texts, lists, dicts. Raises ReadError."""
    import torch

    try:
        with path.open("rb") as file, warnings.catch_warnings():
            size = path.stat().st_size
            if size > max_bytes:
                raise ReadError(f"{path} is larger than any file of weights.")
            warnings.simplefilter("ignore")
            try:
                _refuse_packed(file, size)
                return torch.load(file, map_location="cpu", weights_only=True)
            except (OSError, *DAMAGE) as error:  # a file cut short makes torch seek before its start
                raise ReadError(f"{path} is no file of weights, or a damaged one.", details=str(error)) from None
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from None


def save_data(path: Path, content: Any) -> None:
    """Write what ``load_data`` reads; raises OSError, such as for a full disk, which torch would wrap."""
    import torch

    try:
        with path.open("wb") as file:  # into a path, torch would write the passing name of the file as well
            torch.save(content, file)
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


def read_state(path: Path) -> dict[str, "Tensor"]:
    """The tensors in a file {'state_dict': ...}, read as data only; raises ReadError."""
    loaded = load_data(path)
    state = loaded.get("state_dict") if isinstance(loaded, dict) else None
    if not isinstance(state, dict):
        raise ReadError(f"{path} has no 'state_dict', so it is none of FEN's files.")
    return state


def checked_state(
    path: Path, state: dict[str, Any], shapes: Shapes, hint: str = "The three files must be of one network."
) -> Weights:
    """The float32 tensors of these names and shapes; raises ReadError for what is missing, misshapen or not finite."""
    import torch

    weights: Weights = {}
    for name, shape in shapes.items():
        value = state.get(name)
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            raise ReadError(f"{path} lacks {name}.", hint=hint)
        if tuple(value.shape) != shape:
            raise ReadError(f"{path}: {name} is {_size(value.shape)} where {_size(shape)} is needed.")
        # A few stored numbers can claim to be a tensor of any size.
        if value.numel() * value.element_size() > path.stat().st_size:
            raise ReadError(f"{path}: {name} is {_size(value.shape)}, more than the file holds.")
        weights[name] = value.detach().to(torch.float32).contiguous()
        if not bool(torch.isfinite(weights[name]).all()):
            raise ReadError(f"{path}: {name} has values that are not finite.")
    return weights


def _weights_in(folder: Path) -> WeightFiles | None:
    if all((folder / name).is_file() for name in STATES):
        return WeightFiles(folder, "states", _state_size(folder / STATES[0])[0])
    if all((folder / name).is_file() for name in PROGRAMS):
        named = re.search(r"(\d+)\s*bands", folder.name)
        return WeightFiles(folder, "programs", int(named[1]) if named else None)
    return None


def _beside(folder: Path) -> Sequence[WeightFiles]:
    try:
        return find_weights(folder.parent)
    except ReadError:
        return ()


def _state_size(path: Path) -> tuple[int, int]:
    """(bands, width) of a network, from its first file."""
    import torch

    kernels = read_state(path).get("convh.weight")
    if not isinstance(kernels, torch.Tensor) or kernels.ndim != 4 or 0 in kernels.shape:
        raise ReadError(f"{path} lacks convh.weight, so it is none of FEN's files.")
    return kernels.shape[1], kernels.shape[0]


def _load_states(weights: WeightFiles, device: str) -> StateNetwork:
    bands, width = _state_size(weights.files[0])
    loaded: Weights = {}
    for path, shapes in zip(weights.files, file_shapes(bands, width).values(), strict=True):
        loaded |= checked_state(path, read_state(path), shapes)
    return StateNetwork(bands, width, {name: value.to(device) for name, value in loaded.items()})


def _load_programs(weights: WeightFiles, device: str) -> ProgramNetwork:
    import torch

    contents = [_content(path) for path in weights.files]
    programs = [
        consent.Program(path, consent.fingerprint(content))
        for path, content in zip(weights.files, contents, strict=True)
    ]
    known = consent.allowed()
    unknown = [program for program in programs if program.fingerprint not in known]
    if unknown:
        named = ", ".join(f"{program.path.name} (SHA-256 {program.fingerprint})" for program in unknown)
        raise consent.ConsentNeeded(
            f"These weights of FEN are programs that may do anything once loaded: {named} in {weights.folder}.",
            programs=unknown,
            hint=f"If you trust where they come from, type: hadviewer trust {shlex.quote(str(weights.folder))}",
        )
    try:
        with warnings.catch_warnings():
            # The form is what the authors publish; that torch would rather have another is not the user's business.
            warnings.simplefilter("ignore", DeprecationWarning)
            parts = [torch.jit.load(io.BytesIO(content), map_location="cpu") for content in contents]
    except DAMAGE as error:
        raise ReadError(f"The programs in {weights.folder} cannot be loaded.", details=str(error)) from None
    parts = [part.to(device).eval() for part in parts]
    sizes = {
        value.shape[1] for value in parts[0].state_dict().values() if value.ndim == 4 and value.shape[2:] == (1, 1)
    }
    bands = weights.bands or (sizes.pop() if len(sizes) == 1 else None)
    if bands is None:
        raise ParamError(
            f"The programs in {weights.folder} do not tell how many bands they need.",
            field="weights",
            hint="Name their folder after them, such as 200bands.",
        )
    return ProgramNetwork(bands, *parts)


def _refuse_packed(file: IO[bytes], size: int) -> None:
    """Raise BadZipFile for an archive that could unfold into more than its size; torch packs nothing."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            if any(item.file_size > size for item in archive.infolist()):
                raise zipfile.BadZipFile("It has packed entries.")
    file.seek(0)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"{path} is too large to be weights of FEN.")
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from None


def _size(shape: Sequence[int]) -> str:
    return " × ".join(str(length) for length in shape)
