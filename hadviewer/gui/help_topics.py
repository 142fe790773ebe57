"""Which passage of the manual is about what has the keyboard."""

from PyQt6.QtWidgets import QWidget

from hadviewer.gui.main_window import MainWindow

OF_DOCKS = {
    "display": "Look at it",
    "layers": "Layers",
    "regions": "Regions of interest",
    "detect": "Detect",
    "superpixels": "Superpixels",
    "libraries": "Spectral libraries",
    "results": "Results",
    "spectrum": "Spectra",
    "profile": "Profiles",
    "threshold": "Threshold",
    "review": "Review the objects",
    "agreement": "Agreement of detectors",
    "roc": "Compare with the truth",
    "training": "Watch it learn",
    "segments": "Superpixels",
    "log": "When something goes wrong",
}
"""Heading by dock."""
OF_DIALOGS = {
    "BadBandsDialog": "Bad bands",
    "BugDialog": "When something goes wrong",
    "ConsentDialog": "Detect",
    "CubeExportDialog": "Export",
    "EntryChooser": "Open a scene",
    "ExportDialog": "Export",
    "FENDialog": "Detect",
    "GotoDialog": "Where it is",
    "MetadataEditor": "Open a scene",
    "PreferencesDialog": "Preferences",
    "RangeDialog": "Regions of interest",
    "RegionStatistics": "Regions of interest",
    "SceneInfo": "Open a scene",
    "ShortcutEditor": "Keyboard shortcuts",
    "ViewPictureDialog": "Where it is",
}
"""Heading by class of dialog."""
OF_THE_IMAGE = "Look at it"


def topic_of(widget: QWidget | None, window: MainWindow) -> str:
    """The heading of the passage about a widget; '' where there is none."""
    if widget is None:
        return ""
    if widget.window() is not window:
        floating = next((name for name, dock in window.docks.items() if dock.isAncestorOf(widget)), "")
        return OF_DOCKS.get(floating) or OF_DIALOGS.get(type(widget.window()).__name__, "")
    name = next((name for name, dock in window.docks.items() if dock.isAncestorOf(widget)), "")
    centre = window.centralWidget()
    on_image = centre is not None and centre.isAncestorOf(widget)
    return OF_DOCKS.get(name, OF_THE_IMAGE if on_image else "")
