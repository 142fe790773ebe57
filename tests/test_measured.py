"""The pages of docs/measured are what their runs give, and their commands work."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from hadviewer.cli import flags
from hadviewer.core.params import parse
from hadviewer.engine import catalog, verbs
from hadviewer.engine.benchmark import SEED_STEP, entrant
from hadviewer.engine.benchmark_report import Report, write_tables
from hadviewer.engine.benchmark_runs import read_runs

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "measured"
SYSTEMS = FOLDER / "systems"
SHORT = {"superad": {"steps": 2}, "mtgan": {"iterations": 2}, "lren": {"epochs": 2}}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="only the sources have docs/measured")


def commands() -> list[str]:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def columns() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Every detector of the commands by its label, as it was typed."""
    typed = [flags.parser("bench").parse_args(shlex.split(command)[2:]) for command in commands()]
    chains = [chain for given in typed for group in given.detectors or [] for chain in group]
    return {entrant(chain).label: chain for chain in chains}


def test_the_tables_are_those_of_the_runs(tmp_path):
    written = write_tables(Report.of(read_runs(SYSTEMS), compared=True), tmp_path)
    assert {path.name for path in written} == {"benchmark.csv", "benchmark.md", "published.csv", "runs.csv"}
    for path in written:
        committed = (SYSTEMS / path.name).read_text(encoding="utf-8")
        message = f"{path.name} is out of date: hadviewer bench --published --out docs/measured/systems"
        assert path.read_text(encoding="utf-8") == committed, message


def test_no_run_failed_and_seeds_share_no_network():
    runs = read_runs(SYSTEMS)
    assert {run.problem for run in runs} == {""}
    assert all(run.seed % SEED_STEP == 0 for run in runs)
    assert len({(run.scene, run.entrant, run.seed) for run in runs}) == len(runs)


def test_every_column_of_the_table_is_one_of_a_command():
    asked = set(columns())
    for run in read_runs(SYSTEMS):
        assert run.entrant.partition(" on bands ")[0] in asked


@pytest.mark.parametrize("label", columns() if FOLDER.is_dir() else [])
def test_every_variant_runs(label, data_dir):
    chain = columns()[label]
    weights = data_dir / "weights" / "ferd"
    for step, params in chain[:-1]:
        if step == "fen" and not weights.is_dir():
            pytest.skip("the published weights of FEN are not here")
        params.update({"weights": str(weights / Path(params["weights"]).name)} if step == "fen" else {})
    made = entrant(chain)
    allowed = catalog.detectors().get(made.detector).params.model_fields
    short = {key: value for key, value in SHORT.get(made.detector, {}).items() if key in allowed}
    rng = np.random.default_rng(0)
    bands = 200 if made.transforms else 12
    cube = verbs.as_cube(rng.normal(100, 5, (20, 22, bands)).astype(np.float32))
    request = made.request(device="cpu")
    request = request.model_copy(update={"params": {**request.params, **short}})
    parse(catalog.detectors().get(made.detector).params, request.params)
    assert np.isfinite(verbs.detect(cube, request).scores).all()
