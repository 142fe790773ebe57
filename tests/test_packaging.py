"""What a user installs: a complete, small wheel, and with make exactly the versions that are written down."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hadviewer

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


@pytest.fixture(scope="module")
def pins() -> dict[str, Requirement]:
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in found}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_program_its_resources_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {p.relative_to(ROOT).as_posix() for p in (ROOT / "hadviewer").rglob("*.py")}
    resources = [p for p in (ROOT / "resources").rglob("*") if p.is_file() and p.suffix != ".pyc"]
    assert resources, "there are no resources to pack"
    expected |= {"hadviewer/_resources/" + p.relative_to(ROOT / "resources").as_posix() for p in resources}
    assert expected <= names, f"missing from the wheel: {sorted(expected - names)}"
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith("tests")]


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 3 * MEGABYTE


def test_the_wheel_gives_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "hadviewer = hadviewer.__main__:main" in archive.read(entry_points).decode()


def test_versions_agree(project: dict[str, Any]) -> None:
    assert project["version"] == hadviewer.__version__
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_is_pinned_within_its_range(project: dict[str, Any], pins: dict[str, Requirement]) -> None:
    asked = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    for requirement in asked:
        if requirement.name == "torch":
            continue
        pin = pins[canonicalize_name(requirement.name)]
        (exact,) = pin.specifier
        assert exact.operator == "==", pin
        assert requirement.specifier.contains(exact.version), f"{pin} is outside {requirement}"


def test_torch_is_pinned_by_the_makefile_alone(project: dict[str, Any], pins: dict[str, Requirement]) -> None:
    assert "torch" not in pins
    match = re.search(r"^TORCH \?= torch==(\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert match
    (loose,) = [Requirement(text) for text in project["dependencies"] if text.startswith("torch")]
    assert loose.specifier.contains(match.group(1))


def test_what_the_dependencies_need_is_pinned_too(project: dict[str, Any], pins: dict[str, Requirement]) -> None:
    """Follows the installed packages from ours down; what torch brings for a graphics card is not ours to pin."""
    waiting = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or re.match(r"nvidia-|cuda-|triton", name):
            continue
        seen.add(name)
        assert name == "torch" or name in pins, f"{name} is not in packaging/constraints.txt"
        for text in importlib.metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in requirement.extras | {""}
            ):
                waiting.append(needed)
