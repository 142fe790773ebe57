"""The commands train, which makes weights, and trust, which allows programs among weights to run."""

import argparse
from pathlib import Path

from hadviewer.cli.detecting import check_folder
from hadviewer.cli.output import Output
from hadviewer.cli.signals import asked_to_stop
from hadviewer.cli.typed import merged
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import Cancelled, ReadError
from hadviewer.core.params import parse
from hadviewer.engine import training
from hadviewer.engine.describe import json_safe
from hadviewer.io import consent
from hadviewer.transforms._fen_training import TrainingParams


def train(given: argparse.Namespace, out: Output) -> int:
    """Train FEN on a folder of background cubes; stopped by Ctrl+C, it can go on later."""
    params = parse(TrainingParams, {"bands": given.bands, **merged(given.param or [])})
    request = training.TrainingRequest(
        folder=given.folder.expanduser(),
        out=given.out.expanduser(),
        params=params,
        teacher=given.teacher,
        device=given.device,
        seed=given.seed,
        resume=given.resume,
    )
    check_folder(request.out)
    training.check_request(request)
    try:
        with asked_to_stop() as stopped, out.progress("Training of FEN") as reporter:
            watching = _Epochs(out) if type(reporter) is SilentReporter else reporter
            result = training.train_fen(request, Context(reporter=watching, cancelled=stopped))
    except Cancelled:
        if (request.out / training.CHECKPOINT).is_file():
            out.note("The training so far is kept: the same command with --resume goes on with it.")
        raise
    weights = f"hadviewer detect SCENE -d grx -t fen:weights={request.out}"
    if given.json:
        facts = {"outputs": result.files, "losses": result.losses, "device": result.device, "notes": result.notes}
        out.json(json_safe({**facts, "patches": result.patches}))
        return 0
    facts_ = [("Patches", str(result.patches)), ("Epochs", str(len(result.losses))), ("Device", result.device)]
    out.facts([*facts_, ("Loss", f"{result.losses[0]:.4g} to {result.losses[-1]:.4g}")])
    out.facts([("Written", str(path)) for path in result.files])
    out.text()
    out.text(f"Try: {weights}")
    for note in result.notes:
        out.note(note)
    return 0


class _Epochs(SilentReporter):
    """Where no bar can be drawn, a line for each epoch that is done."""

    def __init__(self, out: Output) -> None:
        self._out, self._message = out, ""

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        """The first word of an epoch tells the loss of the one before."""
        if self._message and message != self._message and "loss" in values:
            self._out.reached(f"{self._message}  loss {values['loss']:.4g}")
        self._message = message if message.startswith("Epoch") else ""


def trust(given: argparse.Namespace, out: Output) -> int:
    """Allow the programs among weights to run from now on, or no longer."""
    programs: list[consent.Program] = []
    for place in given.places:
        found = [item for weights in training.look_at_weights(Path(place), Context()) for item in weights.programs()]
        if not found:
            raise ReadError(f"{place} has no programs, only data, which needs no permission.")
        programs += found
    (consent.withdraw if given.withdraw else consent.allow)(programs)
    if given.json:
        files = [{"path": program.path, "sha256": program.fingerprint} for program in programs]
        out.json(json_safe({"allowed": not given.withdraw, "programs": files}))
        return 0
    title = "These programs may no longer run:" if given.withdraw else "These programs may run from now on:"
    out.table(("File", "SHA-256"), [(str(program.path), program.fingerprint) for program in programs], title)
    return 0
