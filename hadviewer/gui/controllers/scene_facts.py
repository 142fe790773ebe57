"""What is known about a scene, in words: for the sheet that the window shows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hadviewer.core.cube import Cube, Scene
from hadviewer.engine.describe import compact_numbers, describe_scene
from hadviewer.engine.remembering import SOURCE_WORDS, told_by
from hadviewer.gui.controllers._volume import volume
from hadviewer.gui.views.metadata_data import Source

Facts = dict[str, dict[str, str]]
AXIS_ORDERS = {
    "bip": "lines × samples × bands (bip)",
    "bsq": "bands × lines × samples (bsq)",
    "bil": "lines × bands × samples (bil)",
}


def scene_facts(scene: Scene) -> Facts:
    """Sections of facts, each a label and a text; what is unknown says so."""
    known = describe_scene(scene)
    facts: Facts = {
        "File": _file(known),
        "Values": _values(known),
        "Bands": _bands(known),
        "Place": _place(known["georeference"]),
        "Truth": _truth(known["truth"]),
    }
    notes = list(dict.fromkeys(known["notes"] + (known["truth"] or {}).get("notes", [])))
    if notes:
        facts["Notes"] = {str(number): note for number, note in enumerate(notes, 1)}
    each = _each_band(scene.cube)
    if each:
        facts["Bands, one by one"] = each
    if known["header"]:
        facts["Header, as in the file"] = {name: str(value) for name, value in known["header"].items()}
    elif known["meta"]:
        facts["Other header fields"] = {name: str(value) for name, value in known["meta"].items()}
    return facts


def fact_sources(cube: Cube) -> dict[tuple[str, str], Source]:
    """Where facts come from, by section and label, for those of which that may be asked."""
    told = told_by(cube)
    found: dict[tuple[str, str], Source] = {}
    for place, fields in _FIELDS.items():
        kinds = [told[name] for name in fields if name in told]
        kinds.sort(key=lambda one: ("yours", "guess", "file", "unknown").index(one.kind))
        if kinds:
            found[place] = Source(kinds[0].kind, kinds[0].why)
    return found


_FIELDS = {
    ("File", "Name"): ("name",),
    ("File", "Reader"): ("reader",),
    ("File", "Axis order"): ("order",),
    ("File", "Type"): ("interleave", "byte_order"),
    ("Values", "Quantity"): ("quantity", "unit"),
    ("Values", "No-data value"): ("nodata", "zeros"),
    ("Values", "Scale"): ("scale",),
    ("Bands", "Wavelengths"): ("wavelengths",),
    ("Bands", "Mean FWHM"): ("fwhm",),
    ("Bands", "Bad bands"): ("bad_bands",),
}
"""Fields of the corrections and options of readers that a fact is about."""


def _file(known: Mapping[str, Any]) -> dict[str, str]:
    rows, cols, bands = known["shape"]
    orders = [known["options"].get("order"), *(item["value"] for item in known["guesses"] if item["field"] == "order")]
    facts = {
        "Name": known["name"],
        "Path": known["path"] or "none: made in memory",
        "Array": known["entry"],
        "Reader": known["reader"],
        "Size": f"{rows} lines × {cols} samples × {bands} bands",
        "Axis order": next((AXIS_ORDERS[order] for order in orders if order in AXIS_ORDERS), ""),
        "Type": f"{known['dtype']}, {known['interleave'].upper()}",
        "Volume": volume(known["bytes"]),
    }
    return {label: text for label, text in facts.items() if text}


def _values(known: Mapping[str, Any]) -> dict[str, str]:
    scale = known["scale"]
    return {
        "Quantity": f"{known['quantity']} ({known['unit']})" if known["unit"] else known["quantity"],
        "No-data value": "none" if known["nodata"] is None else f"{known['nodata']:g}",
        "Scale": "none" if scale is None else _scale(scale),
    }


def _scale(scale: Mapping[str, Any]) -> str:
    gain, offset = (f"{part:g}" if isinstance(part, float) else "" for part in (scale["gain"], scale["offset"]))
    text = f"value × {gain or 'a gain for each band'} + {offset or 'an offset for each band'}"
    return text + (f" ({scale['found']})" if scale["found"] else "")


def _bands(known: Mapping[str, Any]) -> dict[str, str]:
    waves, bad = known["wavelengths"], known["bad_bands"]
    facts = {"Wavelengths": "unknown: bands go by their number"}
    if waves is not None:
        facts = {"Wavelengths": f"{waves['first']:.1f} to {waves['last']:.1f} nm"}
        if waves["mean_spacing"] is not None:
            facts["Mean spacing"] = f"{waves['mean_spacing']:.2f} nm"
        if waves["mean_fwhm"] is not None:
            facts["Mean FWHM"] = f"{waves['mean_fwhm']:.2f} nm"
    told = known["told_by"]["wavelengths"]
    facts["Source"] = known["assumed_bands"] or SOURCE_WORDS[told["kind"]]
    facts["Bad bands"] = f"{len(bad)}: {compact_numbers(bad)}" if bad else "none"
    if known["default_bands"]:
        facts["Default bands"] = ", ".join(map(str, known["default_bands"]))
    return facts


def _place(place: Mapping[str, Any] | None) -> dict[str, str]:
    if place is None:
        return {"Georeference": "none"}
    unit = f" {place['units']}" if place["units"] else ""
    system = {"Coordinate system": place["label"] or place["crs"] or "unknown"}
    if place["affine"] is None:
        return system | {"Georeference": "coordinates of each pixel"}
    return (
        system
        | {
            "Upper left corner": f"{place['corner'][0]:.10g}, {place['corner'][1]:.10g}{unit}",
            "Pixel": f"{place['pixel'][0]:.6g} × {place['pixel'][1]:.6g}{unit}",
            "Affine transform": ", ".join(f"{number:.10g}" for number in place["affine"]),
        }
        | ({"Definition": place["crs"]} if place["crs"] not in ("", place["label"]) else {})
    )


def _each_band(cube: Cube) -> dict[str, str]:
    """Centre, width, scale, name and use of every band; nothing where nothing is known of any."""
    bands, scale = cube.bands, cube.scale
    facts: dict[str, str] = {}
    for band in range(bands.count):
        parts = [] if bands.centres is None else [f"{bands.centres[band]:.2f} nm"]
        parts += [] if bands.fwhm is None else [f"FWHM {bands.fwhm[band]:.2f} nm"]
        for name, numbers in (("gain", scale and scale.gain), ("offset", scale and scale.offset)):
            parts += [f"{name} {numbers[band]:g}"] if isinstance(numbers, np.ndarray) else []
        parts += [bands.names[band].strip()] if bands.names and bands.names[band].strip() else []
        parts += [] if bands.mask[band] else ["bad"]
        facts[f"Band {band + 1}"] = ", ".join(parts) or "–"
    return facts if set(facts.values()) != {"–"} else {}


def _truth(truth: Mapping[str, Any] | None) -> dict[str, str]:
    if truth is None:
        return {"Truth": "none loaded"}
    facts = {"Name": truth["name"], "Anomalous pixels": f"{truth['pixels']} ({100 * truth['share']:.3g} %)"}
    return facts | ({"Path": truth["path"]} if truth["path"] else {})
