"""Editing what is known of the scene: what the file says, what was guessed, what the user says and where it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Cube, Origin, Scene
from hadviewer.core.errors import HadviewerError, ParamError
from hadviewer.core.params import NoParams, describe
from hadviewer.core.wavelengths import UNIT_WORDS
from hadviewer.engine import catalog, metadata, remembering
from hadviewer.engine.describe import compact_numbers
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.metadata import Filed
from hadviewer.engine.session import Session
from hadviewer.gui.views.metadata_data import FiledTexts, MetadataOrder, MetadataSheet, Source
from hadviewer.io.sidecar import Remembered, place_of

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, MetadataEditorLike

Place = tuple[Path, str | None]
UNITS = tuple((unit, words.capitalize()) for unit, words in UNIT_WORDS.items())


class MetadataController:
    """Shows the metadata of the scene, changes it as asked, and keeps what was said beside the file.

    ``choose_file`` asks for a file of wavelengths, ``mark_bands`` opens the list of bad bands.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        editor: "MetadataEditorLike",
        messages: "MessagesLike",
        choose_file: Callable[[], Path | None],
        mark_bands: Callable[[], None],
    ) -> None:
        self._session, self._jobs, self._editor, self._messages = session, jobs, editor, messages
        self._choose_file = choose_file
        self._filed: Filed | None = None
        self._cube: Cube | None = None
        self._kept: dict[Place, Remembered | None] = {}
        session.scene_changed.connect(self._follow)
        session.bands_changed.connect(self._follow_bands)
        editor.ordered.connect(self.apply)
        editor.options_changed.connect(self._reread)
        editor.load_requested.connect(self._load)
        editor.bad_bands_requested.connect(mark_bands)

    def ask(self) -> None:
        """Let the user edit what is known of the open scene."""
        self._show(self._editor.present)

    def apply(self, order: MetadataOrder) -> None:
        """Let the scene be what the user says, and remember that beside the file where it is asked for."""
        cube, filed = self._session.cube, self._filed
        if cube is None or filed is None:
            return
        try:
            corrections = metadata.corrections_from(metadata.texts_of(filed.cube), order.texts, order.confirmed)
            origin = filed.cube.origin
            if origin is None or _reading(filed.cube) == _reading(cube):
                metadata.correct(self._session, replace(filed.cube, source=cube.source), corrections)
                self._remember(order.remember)
            else:
                self._read_otherwise(origin, corrections, order.remember)
        except ParamError as error:
            self._editor.show_error(error.field, error.message)

    def _show(self, then: Callable[[], object]) -> None:
        cube = self._session.cube
        if cube is None:
            return

        def show(filed: Filed) -> None:
            if self._session.cube is cube:
                self._filed = filed
                self._editor.offer(_sheet(cube, filed))
                then()

        self._jobs.quick(metadata.filed, cube, key="metadata", done=show, failed=self._tell)

    def _reread(self, options: Mapping[str, Any]) -> None:
        """What the file says where it is read in another way."""
        cube = self._session.cube
        if cube is None or cube.origin is None:
            return

        def show(filed: Filed) -> None:
            if self._session.cube is cube:
                self._filed = filed
                self._editor.show_filed(_filed_texts(filed))

        self._jobs.quick(
            metadata.filed, cube, _otherwise(cube.origin, options), key="metadata", done=show, failed=self._blame
        )

    def _read_otherwise(self, origin: Origin, corrections: Corrections, remember: bool) -> None:
        def use(scene: Scene) -> None:
            if _place(self._session.cube) == (origin.path, origin.entry):  # another may have been opened meanwhile
                self._session.open(scene, metadata.LABEL)
                self._remember(remember)

        self._jobs.quick(
            metadata.read_otherwise,
            origin,
            dict(origin.options),
            corrections,
            key="metadata",
            title=f"Read {origin.path.name}",
            done=use,
            failed=self._blame,
        )

    def _load(self) -> None:
        path = self._choose_file()
        if path is None:
            return

        def fill(found: tuple[str, str]) -> None:
            self._editor.set_wavelengths(*found)

        def fail(job: Job) -> None:
            self._editor.show_error("wavelengths", job.error)

        self._jobs.quick(metadata.read_wavelengths, path, key="load-wavelengths", done=fill, failed=fail)

    def _remember(self, remember: bool) -> None:
        """From now on what is said of this scene is kept beside its file, also what is undone or marked later."""
        cube = self._session.cube
        place = _place(cube)
        if cube is None or place is None:
            return
        if remember:
            self._kept[place] = None
            self._keep(cube)
        else:
            self._kept.pop(place, None)

    def _follow(self) -> None:
        cube, former, self._cube = self._session.cube, self._cube, self._session.cube
        if cube is not None and cube is not former:
            self._keep(cube)
            if self._editor.isVisible():
                self._show(lambda: None)

    def _follow_bands(self) -> None:
        cube = self._cube = self._session.cube
        if cube is not None:
            self._keep(cube)
            self._editor.show_bad_bands(_bad_bands(cube))

    def _keep(self, cube: Cube) -> None:
        origin, place = cube.origin, _place(cube)
        said = remembering.said_of(cube)
        if origin is None or place is None or place not in self._kept or self._kept[place] == said:
            return
        self._kept[place] = said

        def fail(job: Job) -> None:
            self._kept.pop(place, None)
            self._messages.warn(f"{job.error} What you said is kept in the session only.")

        self._jobs.quick(remembering.keep, origin, said, key=f"keep {place}", failed=fail)

    def _tell(self, job: Job) -> None:
        self._messages.error(job.error, job.details)

    def _blame(self, job: Job) -> None:
        field = job.cause.field if isinstance(job.cause, ParamError) else ""
        self._editor.show_error(field, str(job.cause) if isinstance(job.cause, HadviewerError) else job.error)


def _place(cube: Cube | None) -> Place | None:
    """Where a cube lies; None where it has no file."""
    return None if cube is None or cube.origin is None else (cube.origin.path, cube.origin.entry)


def _reading(cube: Cube) -> dict[str, Any]:
    """The options a cube is read with, chosen or guessed: to say that a guess is right changes no pixel."""
    return {} if cube.origin is None else {**_guessed_options(cube), **cube.origin.options}


def _otherwise(origin: Origin, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that differ from their defaults. Raises nothing: what is wrong is told when the file is read."""
    params = catalog.readers().get(origin.reader or "").params
    defaults = params().model_dump()
    return {name: value for name, value in options.items() if value != defaults.get(name)}


def _sheet(cube: Cube, filed: Filed) -> MetadataSheet:
    origin = cube.origin
    reader = None if origin is None else catalog.readers().get(origin.reader or "")
    place = "" if origin is None or reader is None else place_of(remembering.home_of(reader, origin.path)).name
    return MetadataSheet(
        cube.name,
        metadata.texts_of(cube),
        _filed_texts(filed),
        NoParams if reader is None else reader.params,
        {} if origin is None else origin.options,
        UNITS,
        _bad_bands(cube),
        place,
        frozenset() if origin is None or origin.corrections is None else frozenset(origin.corrections.said()),
    )


def _filed_texts(filed: Filed) -> FiledTexts:
    cube = filed.cube
    rows, cols, bands = cube.shape
    told = {name: Source(one.kind, one.why) for name, one in remembering.told_by(cube).items()}
    told["offset"] = told["scale"]
    told["wavelength_unit"] = told["wavelengths"]
    told["name"] = Source("file", "The name of the file")
    size = f"{rows} lines × {cols} samples × {bands} bands, {cube.dtype.name}"
    suggestion = "" if filed.suggested is None else f"{filed.suggested:g}"
    return FiledTexts(metadata.texts_of(cube), told, size, suggestion, _guessed_options(cube))


def _guessed_options(cube: Cube) -> dict[str, str]:
    if cube.origin is None:
        return {}
    choices = {spec.name: spec.choices for spec in describe(catalog.readers().get(cube.origin.reader or "").params)}
    return {guess.field: guess.value for guess in cube.guesses if guess.value in choices.get(guess.field, ())}


def _bad_bands(cube: Cube) -> str:
    bad = (np.flatnonzero(~cube.bands.mask) + 1).tolist()
    return f"{len(bad)} of {cube.bands.count}: {compact_numbers(bad)}" if bad else "none"
