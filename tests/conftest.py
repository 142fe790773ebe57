"""What all tests share: where the real files for tests lie."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real scenes and files: $HADVIEWER_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("HADVIEWER_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the real data are not here; HADVIEWER_DATA names their folder")
    return folder


@pytest.fixture(scope="session")
def scenes(data_dir: Path) -> Path:
    """Benchmark scenes in MATLAB files."""
    return data_dir / "scenes"


@pytest.fixture(scope="session")
def samples(data_dir: Path) -> Path:
    """Real files of many formats."""
    return data_dir / "samples"
