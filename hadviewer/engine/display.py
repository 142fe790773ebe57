"""How a cube is to be shown: the user's intention, resolved against a cube into bands."""

from dataclasses import dataclass, replace
from typing import Literal

from hadviewer.core.cube import Cube
from hadviewer.engine.components import ComponentKind, component_count

Mode = Literal["true", "cir", "swir", "grey", "custom", "pca", "mnf"]
StretchKind = Literal["linear", "minmax", "deviation", "root", "log", "equalise", "gaussian", "manual"]
StretchScope = Literal["scene", "view"]

PRESETS: dict[Mode, tuple[str, tuple[float, ...]]] = {
    "true": ("True colour", (650.0, 550.0, 470.0)),
    "cir": ("Colour infrared", (860.0, 650.0, 550.0)),
    "swir": ("Shortwave infrared", (2200.0, 1650.0, 860.0)),
}
BENT: tuple[StretchKind, ...] = ("root", "log", "equalise", "gaussian")
"""Stretches that are not straight between their limits, whichever limits these are."""
COMPONENT_TITLES: dict[Mode, str] = {"pca": "Principal components", "mnf": "Minimum noise fraction"}
STRETCHES: dict[StretchKind, tuple[str, str]] = {
    "linear": ("Linear", "Straight from black to white; so many percent are cut at both ends"),
    "minmax": ("Minimum to maximum", "From the smallest value to the largest"),
    "deviation": ("Standard deviations", "So many standard deviations around the mean"),
    "root": ("Square root", "More steps for the dark parts"),
    "log": ("Logarithm", "Far more steps for the dark parts"),
    "equalise": ("Equalised", "Every grey is as frequent as any other"),
    "gaussian": ("Gaussian", "Greys spread around the middle as in a normal distribution"),
    "manual": ("By hand", "Between limits that are dragged or typed"),
}
"""What each stretch is called, and what it does."""
FAR_NM = 30.0
"""A band further than this from what a preset asks for is worth a remark."""


@dataclass(frozen=True)
class StretchIntent:
    """How values become brightness.

    ``linear``, ``root`` and ``log`` cut ``percent`` at both ends, ``deviation`` goes ``sigmas`` from the mean,
    ``minmax`` cuts nothing, ``equalise`` and ``gaussian`` go by rank. All are found from the values of the whole scene,
    or of what is in sight (``scope``). ``limits`` set by hand, per channel, take the place of those found; ``manual``
    is straight.
    """

    kind: StretchKind = "linear"
    percent: float = 2.0
    limits: tuple[tuple[float, float], ...] = ()
    sigmas: float = 2.0
    scope: StretchScope = "scene"

    @property
    def amount(self) -> float:
        """The number that belongs to the kind: standard deviations, or percent."""
        return self.sigmas if self.kind == "deviation" else self.percent

    @property
    def automatic(self) -> "StretchIntent":
        """The same with limits found instead of set by hand: for other quantities these mean nothing."""
        return replace(self, kind="linear" if self.kind == "manual" else self.kind, limits=())

    def by_hand(self, limits: tuple[tuple[float, float], ...]) -> "StretchIntent":
        """The same with these limits per channel; what is straight becomes ``manual``."""
        kind: StretchKind = self.kind if self.kind in BENT else "manual"
        return replace(self, kind=kind, limits=limits)


@dataclass(frozen=True)
class DisplayIntent:
    """What the user wants to see.

    ``bands`` (0-based; one or three) count in modes 'grey' and 'custom', and as components in 'pca' and 'mnf'.
    """

    mode: Mode = "true"
    bands: tuple[int, ...] = ()
    stretch: StretchIntent = StretchIntent()


@dataclass(frozen=True)
class Display:
    """What is shown: one band (grey) or three (red, green, blue), 0-based, and a remark when it is not as asked.

    Where ``components`` says of which kind, ``bands`` are components of the cube instead of its bands.
    """

    bands: tuple[int, ...]
    stretch: StretchIntent
    title: str
    note: str = ""
    components: ComponentKind | None = None

    @property
    def cube_bands(self) -> tuple[int, ...]:
        """The bands of the cube itself that are shown; none where components are."""
        return () if self.components else self.bands


def initial_intent(cube: Cube) -> DisplayIntent:
    """How a cube is first shown: its own default bands, by their preset's name where they are one; else true colour."""
    if len(cube.default_bands) == 3:
        preset = next(
            (mode for mode in PRESETS if resolve(DisplayIntent(mode), cube).bands == cube.default_bands), None
        )
        return DisplayIntent("custom", cube.default_bands) if preset is None else DisplayIntent(preset)
    if len(cube.default_bands) == 1 or cube.shape[2] < 3:
        return DisplayIntent("grey", cube.default_bands[:1] or (0,))
    return DisplayIntent("true")


def available_modes(cube: Cube) -> tuple[Mode, ...]:
    """The presets that make sense for a cube, besides grey and custom."""
    centres = cube.bands.centres
    parts: tuple[Mode, ...] = ("pca", "mnf") if component_count(cube) >= 3 else ()
    if centres is None or cube.shape[2] < 3:
        return ("true", "grey", "custom", *parts) if cube.shape[2] >= 3 else ("grey",)
    low, high = float(centres.min()), float(centres.max())
    fits = [mode for mode, (_, asked) in PRESETS.items() if low - FAR_NM <= min(asked) and max(asked) <= high + FAR_NM]
    return (*fits, "grey", "custom", *parts)


def resolve(intent: DisplayIntent, cube: Cube) -> Display:
    """The bands to show. Always succeeds: what cannot be had is replaced by the nearest thing, with a note."""
    count = cube.shape[2]
    if (intent.mode == "pca" or intent.mode == "mnf") and (most := component_count(cube)) >= 3:
        chosen = intent.bands if len(intent.bands) in (1, 3) else (0, 1, 2)
        bands = tuple(min(max(band, 0), most - 1) for band in chosen)
        return Display(bands, intent.stretch, COMPONENT_TITLES[intent.mode], components=intent.mode)
    if intent.mode == "grey" or count < 3:
        band = min(max(intent.bands[0] if intent.bands else 0, 0), count - 1)
        return Display((band,), intent.stretch, cube.bands.label(band))
    if intent.mode == "custom" and len(intent.bands) == 3:
        bands = tuple(min(max(band, 0), count - 1) for band in intent.bands)
        return Display(bands, intent.stretch, "Custom")
    title, wanted = PRESETS.get(intent.mode) or PRESETS["true"]
    if cube.bands.centres is None:
        return Display(
            spread_bands(cube), intent.stretch, "False colour", "No wavelengths: bands spread over the cube."
        )
    nearest = [cube.bands.nearest(wavelength) for wavelength in wanted]
    bands = tuple(band for band in nearest if band is not None)
    gap = max(abs(float(cube.bands.centres[band]) - want) for band, want in zip(bands, wanted, strict=True))
    note = f"The nearest band is {gap:.0f} nm away from what {title.lower()} asks for." if gap > FAR_NM else ""
    return Display(bands, intent.stretch, title, note)


def spread_bands(cube: Cube) -> tuple[int, int, int]:
    """Three usable bands at five sixths, a half and a sixth of the cube: long, middle, short wavelengths."""
    usable = cube.bands.usable_index()
    if len(usable) == 0:
        usable = range(cube.shape[2])  # type: ignore[assignment]
    last = len(usable) - 1
    return int(usable[last * 5 // 6]), int(usable[last // 2]), int(usable[last // 6])
