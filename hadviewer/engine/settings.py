"""What the program remembers between runs, and the file it lives in."""

import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hadviewer.core.errors import ParamError, WriteError
from hadviewer.io.atomic import replacing

if TYPE_CHECKING:
    from hadviewer.engine.preferences import Settings

RECENT_COUNT = 12


class SettingsStore:
    """The settings and the file they live in; a damaged or missing file means the defaults."""

    def __init__(self, path: Path | None = None) -> None:
        self._own = path
        self.path = path or _default_path()
        self._values = _read(self.path)

    @property
    def recovery(self) -> Path:
        """Where sessions are kept for the case of a crash."""
        if self._own is not None:
            return self._own.parent / "recovery"
        from platformdirs import user_state_path

        return user_state_path("hadviewer", appauthor=False) / "recovery"

    def text(self, name: str) -> str:
        """One remembered text, not yet checked; '' if there is none. All that the first paint needs."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    # Checked on first use: what checks it takes as long to load as a third of the window takes to appear.
    @cached_property
    def settings(self) -> "Settings":
        """Every setting, checked."""
        from hadviewer.core.params import parse
        from hadviewer.engine.preferences import Settings

        known = {name: value for name, value in self._values.items() if name in Settings.model_fields}
        try:
            return parse(Settings, known)
        except ParamError:
            return Settings()

    def update(self, **changes: object) -> "Settings":
        """Change some settings and save them; a disk that refuses loses nothing but the memory."""
        self.settings = self.settings.model_copy(update=changes)
        with suppress(WriteError), replacing(self.path) as (part,):
            part.write_text(self.settings.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return self.settings

    @property
    def last_folder(self) -> Path:
        """Where the last file was; at first the user's own folder."""
        return Path(self.settings.recent[0]).parent if self.settings.recent else Path.home()

    def remember(self, path: Path) -> "Settings":
        """Put a file on top of the recent ones."""
        place = str(path.resolve())
        others = [item for item in self.settings.recent if item != place]
        return self.update(recent=(place, *others)[:RECENT_COUNT])

    def forget_recent(self) -> "Settings":
        """Empty the list of recent files."""
        return self.update(recent=())


def _default_path() -> Path:
    from platformdirs import user_config_path

    return user_config_path("hadviewer", appauthor=False) / "settings.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
