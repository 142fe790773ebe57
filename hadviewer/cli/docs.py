"""The reference pages in docs/reference, written from the catalogue and from the flags of the command line.

``python -m hadviewer.cli.docs`` writes them, ``--check`` only says which are out of date.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hadviewer.analysis.figures import FIGURES
from hadviewer.analysis.thresholds import RULES
from hadviewer.cli import flags, tables
from hadviewer.core.params import describe
from hadviewer.core.specs import LibrarySpec, ReaderSpec, Spec
from hadviewer.engine import catalog

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
MADE_BY = "<!-- Written by `make docs` from the program itself: change the program, not this page. -->"

INTRODUCTIONS = {
    "detectors": """\
A detector gives every pixel a score: the higher, the more anomalous. `hadviewer detect FILE -d ID -p key=value` runs
one; the same parameters are the form in the window.""",
    "transforms": """\
A transform changes the cube before a detector sees it: `hadviewer detect FILE -d grx -t ID:key=value`. Several are
applied in the order given.""",
    "readers": """\
What can be opened. The format is recognised by what is in the file, not by its name. The parameters help where a file
misleads: `--option key=value`, **File > Open with options**, `hadviewer.open(path, options={"key": value})`.""",
    "library-readers": """\
Spectral libraries that can be opened beside a scene, to compare its spectra with: File, Open spectral library in the
window; `hadviewer info FILE` lists the spectra of one. The format is recognised by what is in the file.""",
    "writers": """\
How results are written: `hadviewer detect FILE -d grx --out DIR --format ID,ID`. There is always a `recipe.json`
beside them, from which the result can be made again.""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with --check compare them; returns 1 when some are out of date."""
    parser = argparse.ArgumentParser(prog="python -m hadviewer.cli.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a page is out of date")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages are")
    given = parser.parse_args(arguments)
    outdated = [name for name, text in pages().items() if _text_of(given.folder / name) != text]
    if given.check:
        for name in outdated:
            sys.stderr.write(f"docs/reference/{name} is out of date: run make docs.\n")
        return 1 if outdated else 0
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (given.folder / name).write_text(text, encoding="utf-8")
    return 0


def pages() -> dict[str, str]:
    """Every page by the name of its file. Plug-ins are left out: they are not part of the program."""
    kinds: dict[str, Callable[[], Iterable[Spec]]] = {
        "detectors": catalog.detectors,
        "transforms": catalog.transforms,
        "readers": catalog.readers,
        "library-readers": catalog.library_readers,
        "writers": catalog.writers,
    }
    made = {
        f"{kind}.md": _catalogue_page(kind, [spec for spec in load() if _is_own(spec)]) for kind, load in kinds.items()
    }
    return made | {"figures.md": _figures_page(), "cli.md": _cli_page()}


def _catalogue_page(kind: str, specs: Sequence[Spec]) -> str:
    parts = [f"# {kind.replace('-', ' ').capitalize()}", MADE_BY, INTRODUCTIONS[kind]]
    parts.append(_table(("ID", "Name", "What it does"), [(f"[`{s.id}`](#{s.id})", s.title, s.summary) for s in specs]))
    for spec in specs:
        facts = [fact for fact in tables.spec_facts(kind, spec) if fact[0] not in ("Kind", "ID", "Name", "Summary")]
        rows = tables.parameter_rows(describe(spec.params))
        parts += [f"## {spec.id}", f"**{spec.title}.** {spec.summary}"]
        parts += ["  \n".join(f"{name}: {value}" for name, value in facts if value)]
        parts += [_table(tables.PARAMETER_COLUMNS, rows) if rows else "It has no parameters."]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figures_page() -> str:
    parts = ["# Figures and thresholds", MADE_BY, FIGURES_INTRODUCTION]
    better = {1: "higher", -1: "lower", 0: ""}
    for group in dict.fromkeys(figure.group for figure in FIGURES.values()):
        rows = [
            (f"`{item.id}`", item.title, item.formula, item.range_text, better[item.direction])
            for item in FIGURES.values()
            if item.group == group
        ]
        parts += [f"## {group}", _table(("Key", "Name", "How it is computed", "Range", "Better"), rows)]
    rules = [
        (
            f"`{rule.id}`",
            rule.title,
            rule.argument or "nothing",
            f"{rule.default:g}" if rule.argument else "",
            rule.help,
        )
        for rule in RULES.values()
    ]
    columns = ("ID", "Name", "Asks for", "Default", "When to choose it")
    return "\n\n".join([*parts, "## Thresholds", THRESHOLDS_INTRODUCTION, _table(columns, rules)]) + "\n"


def _cli_page() -> str:
    parts = ["# Command line", MADE_BY, EXIT_CODES]
    for name, parser in [("", flags.window_parser()), *((name, flags.parser(name)) for name in flags.COMMANDS)]:
        title = f"hadviewer {name}".strip()
        summary = flags.COMMANDS[name].summary if name else flags.WINDOW_SUMMARY
        usage = str(parser.usage)
        examples = str(parser.epilog).partition("\n")[2]
        parts += [f"## {title}", summary, f"```\n{usage}\n```", _table(("Argument", "Meaning"), _arguments(parser))]
        parts += [f"```\n{examples}\n```"]
    return "\n\n".join(parts) + "\n"


def _arguments(parser: argparse.ArgumentParser) -> list[tuple[str, str]]:
    rows = []
    for action in parser._actions:
        value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
        names = ", ".join(action.option_strings)
        rows.append((f"`{' '.join(filter(None, (names, str(value))))}`", action.help or ""))
    return rows


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _is_own(spec: Spec) -> bool:
    function = spec.open if isinstance(spec, ReaderSpec | LibrarySpec) else spec.function
    return function.__module__.partition(".")[0] == "hadviewer"


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


FIGURES_INTRODUCTION = """\
What a score map is worth against a truth mask: `hadviewer detect FILE -d ID --truth FILE --json` and
`hadviewer evaluate SCORES --truth FILE --json` print these keys in `evaluation`. A figure that the data cannot give is
null, and `notes` says why. Beside them stand `best_f1` (the mask of the highest F1 with its threshold),
`operating_points` (with exact Clopper–Pearson intervals), and `objects` (one record for each target: size, place, the
score at which it is found, and the false objects that come before it). PD is the share of targets at or above a
threshold, PF that of the background; a pixel without a score counts as the lowest."""

THRESHOLDS_INTRODUCTION = """\
Without a truth, a rule chooses the threshold from the scores; pixels at or above it are detected."""

EXIT_CODES = """\
Results go to standard output, everything else to standard error. With `--json` a command prints exactly one object.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | a mistake in the program, or no display for the window |
| 2 | wrong usage or a wrong parameter |
| 3 | a file cannot be read or written |
| 4 | the detector refused or failed |
| 130 | interrupted with Ctrl+C; nothing half-written is left behind |

What `hadviewer detect --json` prints has at least `detector`, `params`, `transforms`, `bands`, `device`, `seed`,
`seconds`, `shape` (lines, samples), `invalid_pixels`, `truth` (its name or null), `evaluation` (an object with
`auc_pd_pf` and [more](figures.md), or null), `detections` (rule, threshold and objects where `--threshold` asks for
them, or null), `notes`, `outputs` (paths of the files written) and `recipe`: the record itself, which `--recipe` takes
when saved to a file. The same record is written as `recipe.json` with every export."""


if __name__ == "__main__":
    sys.exit(main())
