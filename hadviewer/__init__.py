"""Hyperspectral anomaly detection: open a cube, look at it, detect, evaluate, export.

>>> import hadviewer as hv
>>> scene = hv.open("scene.mat")
>>> result = hv.detect(scene.cube, "grx")
>>> hv.evaluate(result.scores, scene.truth).auc_pd_pf
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hadviewer.engine.verbs import contents, detect, evaluate, export, fuse
    from hadviewer.engine.verbs import open_scene as open

__all__ = ["__version__", "contents", "detect", "evaluate", "export", "fuse", "open"]

_VERBS = {"open": "open_scene", **{name: name for name in ("contents", "detect", "evaluate", "export", "fuse")}}


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module 'hadviewer' has no attribute {name!r}")
    return getattr(import_module("hadviewer.engine.verbs"), _VERBS[name])


def __dir__() -> list[str]:
    return sorted(__all__)
