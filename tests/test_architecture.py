"""The rules of ARCHITECTURE.md that ruff, mypy and import-linter cannot check."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hadviewer"
SOURCES = sorted(PACKAGE.rglob("*.py"))

LONGEST_FILE = 450
LONGEST_FUNCTION = 60

# The only doors where any exception is caught: the body of a job, in either process, and the loading of a plug-in.
DOORS = {"hadviewer/engine/catalog.py", "hadviewer/engine/jobs.py", "hadviewer/engine/worker.py"}

# Listing detectors, --help and the first window do not wait for these: they are imported inside functions.
HEAVY = {"cmap", "h5py", "pyproj", "rasterio", "rich", "scipy", "skimage", "sklearn", "spectral", "torch"}
QT = {"PyQt6", "pyqtgraph"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


def run_at_import(tree: ast.AST) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported; not function bodies nor TYPE_CHECKING blocks."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.stmt):
            yield node
        yield from run_at_import(node)


def imported(statement: ast.stmt) -> set[str]:
    """Top-level packages that an import statement brings in."""
    if isinstance(statement, ast.Import):
        return {alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom) and statement.module:
        return {statement.module.partition(".")[0]}
    return set()


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether the handler takes any exception and does not pass it on."""
    types = ast.unparse(handler.type) if handler.type else "Exception"
    passes_on = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return ("Exception" in types.strip("()").split(", ") or "BaseException" in types) and not passes_on


def test_the_package_is_there() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines; split it"
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} (line {node.lineno}) has {length} lines; split it"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_printed(path: Path) -> None:
    prints = [
        node.lineno
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not prints, f"print on lines {prints}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_any_exception_is_caught_only_at_the_doors(path: Path) -> None:
    handlers = [node for node in ast.walk(parse(path)) if isinstance(node, ast.ExceptHandler)]
    lines = [handler.lineno for handler in handlers if catches_everything(handler)]
    allowed = 1 if name_of(path) in DOORS else 0
    assert len(lines) <= allowed, f"catches everything on lines {lines}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_importing_a_module_brings_in_nothing_heavy(path: Path) -> None:
    banned = HEAVY if name_of(path).startswith("hadviewer/gui/") else HEAVY | QT
    found = {(node.lineno, name) for node in run_at_import(parse(path)) for name in imported(node) & banned}
    assert not found, f"imported at module level: {sorted(found)}"


def loaded_by(module: str) -> set[str]:
    """Every module that a fresh interpreter has after importing this one, with the packages above it."""
    script = f"import sys, {module}; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["hadviewer", "hadviewer.cli", "hadviewer.cli.main", "hadviewer.__main__"])
def test_importing_the_program_stays_light(module: str) -> None:
    assert not (HEAVY | QT) & loaded_by(module)


def test_the_process_of_the_window_leaves_the_engines_of_detectors_out() -> None:
    assert not {"h5py", "rasterio", "scipy.stats", "skimage", "spectral", "torch"} & loaded_by("hadviewer.gui.app")


def test_the_first_paint_does_not_wait_for_parameter_models() -> None:
    """What builds the visible window loads no pydantic: that alone would take a third of its time."""
    assert "pydantic" not in loaded_by("hadviewer.gui.app")
