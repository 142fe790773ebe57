"""What the program remembers between runs: preferences, recent files, the layout of the window."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Literal

from hadviewer.core.errors import ParamError, WriteError
from hadviewer.core.params import Params, field, parse
from hadviewer.io.atomic import replacing

RECENT_COUNT = 12


class Preferences(Params):
    """What the user chooses in the Preferences dialog; each field is one editor there."""

    theme: Literal["system", "light", "dark"] = field("system", "Theme", help="Follow the system, or always the same.")
    plane_cache: int = field(
        256,
        "Cache for bands",
        ge=16,
        le=65536,
        unit="MiB",
        help="Memory for bands kept ready to show, from the next start on.",
    )


class Settings(Preferences):
    """Preferences and what the program remembers by itself."""

    recent: tuple[str, ...] = field((), "Recent files", advanced=True)
    geometry: str = field("", "Window position", advanced=True)
    layout: str = field("", "Window layout", advanced=True)


class SettingsStore:
    """The settings and the file they live in; a damaged or missing file means the defaults."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _default_path()
        self.settings = _read(self.path)

    def update(self, **changes: object) -> Settings:
        """Change some settings and save them; a disk that refuses loses nothing but the memory."""
        self.settings = self.settings.model_copy(update=changes)
        with suppress(WriteError), replacing(self.path) as (part,):
            part.write_text(self.settings.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return self.settings

    def remember(self, path: Path) -> Settings:
        """Put a file on top of the recent ones."""
        place = str(path.resolve())
        others = [item for item in self.settings.recent if item != place]
        return self.update(recent=(place, *others)[:RECENT_COUNT])

    def forget_recent(self) -> Settings:
        """Empty the list of recent files."""
        return self.update(recent=())


def _default_path() -> Path:
    from platformdirs import user_config_path

    return user_config_path("hadviewer", appauthor=False) / "settings.json"


def _read(path: Path) -> Settings:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return parse(Settings, {name: value for name, value in values.items() if name in Settings.model_fields})
    except (OSError, ValueError, AttributeError, ParamError):
        return Settings()
