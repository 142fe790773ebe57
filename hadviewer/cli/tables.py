"""What is shown as tables: scenes, evaluations, catalogue entries and their parameters, as rows of text."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hadviewer.core.params import FieldSpec
from hadviewer.core.specs import DetectorSpec, Entry, LibrarySpec, ReaderSpec, Spec, TransformSpec, WriterSpec
from hadviewer.engine.describe import compact_numbers

if TYPE_CHECKING:
    from hadviewer.analysis.objects import DetectedObject
    from hadviewer.engine.objects import Detections

Facts = list[tuple[str, str]]

ENTRY_COLUMNS = ("Name", "Size", "Type", "Looks like", "Remark")
PARAMETER_COLUMNS = ("Parameter", "Default", "Range", "Unit", "Meaning")
OBJECT_COLUMNS = ("Line", "Sample", "Pixels", "Peak", "Mean score", "Map")
MOST_OBJECTS = 20
SPEC_COLUMNS = {
    "detector": ("ID", "Name", "Family", "Runs on", "What it does"),
    "transform": ("ID", "Name", "What it does"),
    "reader": ("ID", "Name", "Files", "What it reads"),
    "library-reader": ("ID", "Name", "Files", "What it reads"),
    "writer": ("ID", "Name", "Files", "What it writes"),
}


def size_text(shape: Iterable[int]) -> str:
    """'100 × 100 × 205'."""
    return " × ".join(str(number) for number in shape)


def scene_facts(described: Mapping[str, Any]) -> Facts:
    """What ``describe_scene`` found, for reading."""
    if "shape" not in described:
        return [("File", str(described["path"])), ("Cube", "none found")]
    rows, cols, bands = described["shape"]
    bad = described["bad_bands"]
    facts = [
        ("File", described["path"] or ""),
        ("Cube", described["entry"] if described["entry"] not in (None, described["name"]) else described["name"]),
        ("Format", described["reader"] or ""),
        ("Size", f"{rows} lines × {cols} samples × {bands} bands, {described['bytes'] / 1e6:.4g} MB"),
        ("Type", f"{described['dtype']}, {described['interleave']}"),
        ("Values", " ".join(filter(None, (described["quantity"], described["unit"])))),
        ("Wavelengths", _wavelength_text(described["wavelengths"])),
        ("Bad bands", f"{len(bad)}: {compact_numbers(bad)}" if bad else "none"),
        ("No-data value", "" if described["nodata"] is None else f"{described['nodata']:g}"),
        ("Scale", _scale_text(described["scale"])),
        ("Map", _map_text(described["georeference"])),
        ("Shown first", ", ".join(str(band) for band in described["default_bands"])),
        ("Truth", _truth_text(described["truth"])),
        *((str(key), _shortened(value)) for key, value in described["meta"].items()),
    ]
    guesses = [("Guessed", guess["why"]) for guess in described["guesses"] if guess["why"] not in described["notes"]]
    return [*((label, _with_source(label, text, described["told_by"])) for label, text in facts), *guesses]


def _with_source(label: str, text: str, told_by: Mapping[str, Mapping[str, str]]) -> str:
    """A value marked where it does not come from the file: '0.4 to 2.5 nm (guessed)'."""
    marks = {"guess": "guessed", "yours": "yours"}
    kinds = [told_by.get(name, {}).get("kind", "") for name in _FIELDS.get(label, ())]
    mark = next((marks[kind] for kind in ("yours", "guess") if kind in kinds), "")
    what = {"Size": "axis order ", "Type": "layout "}.get(label, "")
    return f"{text or 'none'} ({what}{mark})" if mark else text


_FIELDS = {
    "Cube": ("name",),
    "Format": ("reader",),
    "Size": ("order",),
    "Type": ("interleave", "byte_order"),
    "Values": ("quantity", "unit"),
    "Wavelengths": ("wavelengths",),
    "Bad bands": ("bad_bands",),
    "No-data value": ("nodata", "zeros"),
    "Scale": ("scale",),
}
"""Which fields of the corrections, and options of readers, a line is about."""


def library_facts(described: Mapping[str, Any]) -> Facts:
    """What ``describe_library`` found, for reading."""
    return [
        ("File", described["path"] or ""),
        ("Library", f"{described['spectra']} spectra of {described['bands']} bands"),
        ("Values", described["quantity"]),
        ("Wavelengths", _wavelength_text(described["wavelengths"])),
    ]


def evaluation_facts(figures: Mapping[str, Any]) -> Facts:
    """An evaluation, one figure a line; what the data cannot give is left out."""
    from hadviewer.analysis.figures import FIGURES

    return [(item.title, _number(figures[name])) for name, item in FIGURES.items() if figures.get(name) is not None]


def entry_rows(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """What a file holds."""
    return [(item.name, size_text(item.shape), item.dtype, item.role, item.note) for item in entries]


def spec_row(spec: Spec) -> tuple[str, ...]:
    """One line about a detector, transform, reader or writer, under ``SPEC_COLUMNS``."""
    if isinstance(spec, DetectorSpec):
        return spec.id, spec.title, spec.family, ", ".join(spec.devices), spec.summary
    if isinstance(spec, TransformSpec):
        return spec.id, spec.title, spec.summary
    if isinstance(spec, ReaderSpec | LibrarySpec):
        return spec.id, spec.title, " ".join(spec.extensions[:6]), spec.summary
    return spec.id, spec.title, spec.extension, spec.summary


def spec_facts(kind: str, spec: Spec) -> Facts:
    """All that is known about one of them, besides its parameters."""
    facts = [("Kind", kind), ("ID", spec.id), ("Name", spec.title), ("Summary", spec.summary)]
    if isinstance(spec, DetectorSpec):
        memory = "reads the cube in strips" if spec.streaming else f"whole cube, {spec.copies} times"
        facts += [("When", spec.when), ("Family", spec.family), ("Memory", memory)]
        facts += [("Takes", ", ".join(spec.takes))] if spec.takes else []
    if isinstance(spec, DetectorSpec | TransformSpec):
        facts += [("Runs on", ", ".join(spec.devices)), ("Reference", spec.reference)]
    if isinstance(spec, ReaderSpec | LibrarySpec):
        facts += [("Files", " ".join(spec.extensions))]
    if isinstance(spec, WriterSpec):
        facts += [("Files", spec.extension), ("Writes", ", ".join(spec.products))]
    if isinstance(spec, DetectorSpec):
        facts += [("Preset", f"{name}: {_settings(params)}") for name, params in spec.presets.items()]
    return facts


def _settings(params: Mapping[str, Any]) -> str:
    """'inner=5,outer=21', as it would be typed."""
    return ",".join(f"{name}={value}" for name, value in params.items())


def parameter_rows(fields: Sequence[FieldSpec]) -> list[tuple[str, ...]]:
    """The parameters of one of them."""
    return [(item.name, default_text(item), item.range_text, item.unit, _meaning(item)) for item in fields]


def default_text(item: FieldSpec) -> str:
    """A default as it would be typed."""
    if item.default is None:
        return "none"
    if isinstance(item.default, bool):
        return "true" if item.default else "false"
    return f"{item.default:g}" if isinstance(item.default, float) else str(item.default)


def parameters_text(params: Mapping[str, Any]) -> str:
    """'inner=5, outer=15', or ''."""
    return ", ".join(f"{key}={value}" for key, value in params.items())


def result_facts(report: Mapping[str, Any]) -> Facts:
    """A detection, for reading; ``report`` is what --json prints."""
    steps = [f"{step['id']}({parameters_text(step['params'])})" for step in report["transforms"]]
    invalid = report["invalid_pixels"]
    facts = [
        ("Detector", report["detector"]),
        ("Parameters", parameters_text(report["params"])),
        ("Transforms", " → ".join(steps)),
        ("Bands", report["bands"]),
        ("Scores", f"{size_text(report['shape'])}{f', {invalid} without' if invalid else ''}"),
        ("Device", report["device"]),
        ("Time", f"{report['seconds']:.2f} s"),
    ]
    if report["evaluation"] is not None:
        facts += [("Truth", report["truth"]), ("AUC", _number(report["evaluation"]["auc_pd_pf"]))]
    found = report.get("detections")
    if found is not None:
        number = "" if found["argument"] is None else f"={found['argument']:g}"
        level = "none found" if found["threshold"] is None else f"{found['threshold']:.6g}"
        facts += [("Threshold", f"{level} ({found['rule']}{number})"), ("Objects", str(len(found["objects"])))]
    return facts + [("Written", str(Path(path))) for path in report["outputs"]]


def fusion_facts(report: Mapping[str, Any]) -> Facts:
    """A fusion of score maps in files, for reading; ``report`` is what --json prints."""
    invalid = report["invalid_pixels"]
    facts = [
        ("Fused", f"{len(report['maps'])} maps by the {report['rule']} of their ranks"),
        ("Scores", f"{size_text(report['shape'])}{f', {invalid} without' if invalid else ''}"),
    ]
    if report["evaluation"] is not None:
        facts += [("Truth", report["truth"])]
        facts += [(f"AUC of {item['map']}", _number(item["auc"])) for item in report["maps"]]
        facts += [("AUC of the fusion", _number(report["evaluation"]["auc_pd_pf"]))]
    return facts + [("Written", str(Path(path))) for path in report["outputs"]]


def object_rows(objects: "Sequence[DetectedObject]") -> list[tuple[str, ...]]:
    """The most conspicuous objects, highest peak first, under ``OBJECT_COLUMNS``."""
    ordered = sorted(objects, key=lambda item: -item.peak)[:MOST_OBJECTS]
    return [
        (
            *(f"{item.row:.1f}", f"{item.col:.1f}", str(item.area), f"{item.peak:.6g}", f"{item.mean:.6g}"),
            "" if item.x is None or item.y is None else f"{item.x:.10g}, {item.y:.10g}",
        )
        for item in ordered
    ]


def objects_title(found: "Detections") -> str:
    """What the table of objects shows."""
    count = len(found.objects)
    return "Objects:" if count <= MOST_OBJECTS else f"The {MOST_OBJECTS} of {count} objects with the highest scores:"


def _meaning(item: FieldSpec) -> str:
    return f"{item.title}. {item.help}".strip() if item.help else f"{item.title}."


def _number(value: Any) -> str:
    if value is None:
        return "unknown"
    return str(value) if isinstance(value, int) else f"{value:.6f}"


def _wavelength_text(known: Mapping[str, Any] | None) -> str:
    if known is None:
        return "unknown"
    spacing, fwhm = known["mean_spacing"], known["mean_fwhm"]
    text = f"{known['first']:.1f} to {known['last']:.1f} nm"
    text += "" if spacing is None else f", every {spacing:.3g} nm"
    return text if fwhm is None else f"{text}, FWHM {fwhm:.3g} nm"


def _scale_text(scale: Mapping[str, Any] | None) -> str:
    if scale is None:
        return ""
    gain, offset = ("by band" if isinstance(scale[part], list) else f"{scale[part]:g}" for part in ("gain", "offset"))
    return f"gain {gain}, offset {offset}" + (f" ({scale['found']})" if scale["found"] else "")


def _map_text(geo: Mapping[str, Any] | None) -> str:
    if geo is None:
        return "no georeference"
    name = geo["label"] or geo["crs"][:60] or "unknown system"
    if geo["pixel"] is None:
        return f"{name}, coordinates of each pixel"
    width, height = geo["pixel"]
    return (
        f"{name}, corner {geo['corner'][0]:.10g}, {geo['corner'][1]:.10g}, pixel {width:g} × {height:g} {geo['units']}"
    )


def _truth_text(truth: Mapping[str, Any] | None) -> str:
    if truth is None:
        return "none"
    return f"{truth['name']}: {truth['pixels']} pixels, {100 * truth['share']:.3g} %"


def _shortened(value: Any, longest: int = 100) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
