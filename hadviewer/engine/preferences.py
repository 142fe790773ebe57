"""What the user may prefer, and what the program remembers by itself."""

from typing import Literal

from hadviewer.core.params import Params, field


class Preferences(Params):
    """What the user chooses in the Preferences dialog; each field is one editor there."""

    theme: Literal["system", "light", "dark"] = field("system", "Theme", help="Follow the system, or always the same.")
    first_pixel: Literal[0, 1] = field(0, "First line and sample", help="Lines and samples are counted from 0 or 1.")
    coordinates: Literal["decimal degrees", "degrees, minutes, seconds", "map only"] = field(
        "decimal degrees",
        "Latitude and longitude",
        help="How the status bar writes where a pixel lies on the Earth (WGS 84), beside its map coordinates.",
    )
    ask_to_save: bool = field(
        True, "Ask to save", help="Ask before closing or opening something else where work would be lost."
    )
    plane_cache: int = field(
        256,
        "Cache for bands",
        ge=16,
        le=65536,
        unit="MiB",
        help="Memory for bands kept ready to show, from the next start on; pictures of them take half on top.",
    )
    training_memory: int = field(
        256,
        "Pictures of trainings",
        ge=16,
        le=65536,
        unit="MiB",
        help="Memory for what the dock Training records, from the next start on; beyond it every second step goes.",
    )


class Settings(Preferences):
    """Preferences and what the program remembers by itself."""

    recent: tuple[str, ...] = field((), "Recent files", advanced=True)
    scale_bar: bool = field(True, "Scale bar", advanced=True)
    north_arrow: bool = field(True, "North arrow", advanced=True)
    overview: bool = field(True, "Overview", advanced=True)
    export_formats: tuple[str, ...] = field(("envi", "png"), "Formats of exports", advanced=True)
    shortcuts: tuple[str, ...] = field((), "Keyboard shortcuts", help="Such as open=Ctrl+O.", advanced=True)
    tour_seen: bool = field(False, "Tour seen", advanced=True)
    geometry: str = field("", "Window position", advanced=True)
    layout: str = field("", "Window layout", advanced=True)
