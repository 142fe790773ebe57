"""Playing through the bands, never faster than they can be drawn."""

from typing import TYPE_CHECKING

from hadviewer.engine.session import Session
from hadviewer.gui.controllers.display import DisplayController

if TYPE_CHECKING:
    from hadviewer.gui.views.display_protocols import BandPlayerLike


class BandPlayerController:
    """Shows another band whenever the player says so, unless the one before is not on the screen yet.

    All bands played are one step to undo.
    """

    def __init__(self, session: Session, display: DisplayController, player: "BandPlayerLike") -> None:
        self._session, self._display, self._player = session, display, player
        player.advanced.connect(self._advance)
        player.stopped.connect(session.seal_step)
        session.scene_changed.connect(player.pause)

    def _advance(self) -> None:
        if self._session.cube is None:
            self._player.pause()
        elif not self._display.busy:
            way = -1 if self._player.backwards else 1
            if not self._display.step_band(way, loop=self._player.looped):
                self._player.pause()
