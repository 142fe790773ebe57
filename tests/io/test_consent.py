"""Programs the user allowed: remembered by their content, forgotten on request, robust against a damaged list."""

import pickle
from pathlib import Path

import pytest

from hadviewer.core.errors import WriteError
from hadviewer.io import consent

FIRST, SECOND = consent.fingerprint(b"one"), consent.fingerprint(b"two")


def program(fingerprint, name):
    return consent.Program(Path(name), fingerprint)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    path = tmp_path / "settings" / "list.txt"
    monkeypatch.setattr(consent, "_place", lambda: path)
    return path


def test_nothing_is_allowed_at_first():
    assert consent.allowed() == frozenset()


def test_is_remembered_and_withdrawn(place):
    consent.allow([program(FIRST, "/somewhere/a.pt")])
    consent.allow([program(SECOND, "b.pt"), program(FIRST, "a.pt")])
    assert consent.allowed() == {FIRST, SECOND}
    assert place.read_text().splitlines() == [f"{FIRST}  a.pt", f"{SECOND}  b.pt"]
    consent.withdraw([program(FIRST, "c.pt")])
    assert consent.allowed() == {SECOND}


def test_damaged_lines_allow_nothing(place):
    place.parent.mkdir()
    place.write_bytes(b"\xff\xfe nonsense")
    assert consent.allowed() == frozenset()
    place.write_text(f"{FIRST[:20]}\n{FIRST.upper()}\n{FIRST}0\n")
    assert consent.allowed() == frozenset()


def test_a_place_that_cannot_be_written_is_told_of(place):
    place.parent.write_text("a file")
    with pytest.raises(WriteError):
        consent.allow([program(FIRST, "a.pt")])


def test_who_needs_consent_may_ask_for_it_in_another_process():
    error = consent.ConsentNeeded("Programs.", programs=[program(FIRST, "a.pt")], hint="Ask.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is consent.ConsentNeeded
    assert again.programs == (program(FIRST, "a.pt"),)
    assert str(again) == "Programs. Ask."


def test_lies_with_the_settings(monkeypatch, tmp_path):
    monkeypatch.undo()
    assert consent._place().name == consent.FILE
