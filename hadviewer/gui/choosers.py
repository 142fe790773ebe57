"""File choosers, with the filters that the readers' and writers' descriptions give."""

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget


def choose_cube(parent: QWidget, folder: str = "") -> Path | None:
    """A file to open, or None."""
    return _path(QFileDialog.getOpenFileName(parent, "Open a cube or a session", folder, _filters("*.hadsession")))


def choose_folder(parent: QWidget, folder: str = "") -> Path | None:
    """A folder that is a cube, or None."""
    name = QFileDialog.getExistingDirectory(parent, "Open a folder: a product, bands as files, or Zarr", folder)
    return Path(name) if name else None


def choose_wavelengths(parent: QWidget, folder: str = "") -> Path | None:
    """A file with wavelengths, or None."""
    filters = "Lists of wavelengths (*.txt *.csv *.json *.npy *.hdr *.spc *.dat);;All files (*)"
    return _path(QFileDialog.getOpenFileName(parent, "Load wavelengths", folder, filters))


def choose_moved(parent: QWidget, title: str, name: str) -> Path | None:
    """Where a file of this name is now, or None."""
    return _path(QFileDialog.getOpenFileName(parent, title, "", f"{name} ({name});;{_filters()}"))


def choose_libraries(parent: QWidget, folder: str = "") -> list[Path]:
    """Files with library spectra, or none."""
    from hadviewer.engine import catalog

    readers = list(catalog.library_readers())
    endings = dict.fromkeys(ending for spec in readers for ending in spec.extensions)
    filters = f"Spectral libraries ({' '.join(f'*{ending}' for ending in endings)});;All files (*)"
    names, _ = QFileDialog.getOpenFileNames(parent, "Open spectral library", folder, filters)
    return [Path(name) for name in names]


def choose_truth(parent: QWidget, folder: str = "") -> Path | None:
    """A file with a mask, or None."""
    return _path(QFileDialog.getOpenFileName(parent, "Import truth", folder, _filters()))


def choose_picture(parent: QWidget, suggestion: str) -> Path | None:
    """Where to save a picture, or None."""
    path = _path(QFileDialog.getSaveFileName(parent, "Save picture", suggestion, "PNG picture (*.png)"))
    return path.with_suffix(".png") if path is not None else None


def choose_regions(parent: QWidget, folder: str = "") -> Path | None:
    """A file with regions of interest, or None."""
    filters = "Regions of interest (*.geojson *.json *.xml *.txt);;All files (*)"
    return _path(QFileDialog.getOpenFileName(parent, "Open regions", folder, filters))


def choose_regions_target(parent: QWidget, suggestion: str) -> Path | None:
    """Where to write regions of interest, or None; the filter decides where the name has no extension."""
    filters = "GeoJSON (*.geojson);;ENVI XML (*.xml)"
    name, chosen = QFileDialog.getSaveFileName(parent, "Export regions", suggestion, filters)
    path = _path((name, chosen))
    if path is None or path.suffix.lower() in (".geojson", ".json", ".xml"):
        return path
    return path.with_name(path.name + (".xml" if "xml" in chosen else ".geojson"))


def choose_file(parent: QWidget, title: str, endings: Mapping[str, str]) -> Path | None:
    """A file of one of some kinds (by filter), or None."""
    return _path(QFileDialog.getOpenFileName(parent, title, "", ";;".join([*endings, "All files (*)"])))


def choose_target(parent: QWidget, title: str, suggestion: str, endings: Mapping[str, str]) -> Path | None:
    """Where to write something, or None; of ``endings`` by filter the chosen one is added where the name has none."""
    name, chosen = QFileDialog.getSaveFileName(parent, title, suggestion, ";;".join(endings))
    path = _path((name, chosen))
    if path is None or path.suffix.lower() in endings.values():
        return path
    return path.with_name(path.name + endings.get(chosen, next(iter(endings.values()))))


def _filters(*more: str) -> str:
    """All that can be read first (and ``more``), then one filter per reader, then everything."""
    # The window is on screen before the catalogue is loaded.
    from hadviewer.engine import catalog

    readers = list(catalog.readers())
    patterns = {spec.title: " ".join(f"*{ending}" for ending in spec.extensions if ending) for spec in readers}
    every = " ".join([*(pattern for pattern in patterns.values() if pattern), *more])
    lines = [
        f"All readable files ({every})",
        *(f"{title} ({pattern})" for title, pattern in patterns.items() if pattern),
    ]
    return ";;".join([*lines, "All files (*)"])


def _path(answer: tuple[str, str]) -> Path | None:
    return Path(answer[0]) if answer[0] else None
