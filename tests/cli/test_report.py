"""hadviewer report: the page of File > Report without a window."""

import numpy as np
import pytest

from hadviewer.engine import verbs
from hadviewer.engine.session import Session
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import Viewing, save_session


def test_detectors_are_run_and_reported(shell, scene, tmp_path):
    target = tmp_path / "page.html"
    told = shell.json(
        "report", scene, target, "-d", "grx,pca:components=3+lrx:inner=3,outer=9", "--threshold", "value=9"
    )
    assert told == {
        "report": str(target),
        "scene": "field",
        "results": ["grx", "pca:components=3 + lrx:inner=3,outer=9"],
        "notes": [],
    }
    text = target.read_text(encoding="utf-8")
    assert "Against the truth" in text
    assert "Agreement" in text
    assert "Outer window</th><td>9 px" in text


def test_a_recipe_is_done_again(shell, scene, tmp_path):
    shell("detect", scene, "-d", "lrx", "-p", "inner=3", "-p", "outer=9", "--out", tmp_path / "out")
    shell("report", scene, tmp_path / "page.html", "--recipe", tmp_path / "out" / "recipe.json")
    assert shell.out.splitlines()[1].split()[1:] == ["Local", "RX"]
    assert "Inner window</th><td>3 px" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_options_of_the_reader_are_honoured(shell, tmp_path):
    np.save(tmp_path / "turned.npy", np.random.default_rng(0).random((4, 12, 14)))
    arguments = ("report", tmp_path / "turned.npy", tmp_path / "page.html", "-d", "grx")
    assert shell(*arguments, "--option", "order=bsq") == 0
    assert "12 lines, 14 samples, 4 bands" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "no parameter" in shell.refuses(2, *arguments, "--option", "sideways=yes")


@pytest.fixture
def saved(scene, tmp_path):
    session = Session()
    session.open(verbs.open_scene(scene))
    entry = session.add_result(verbs.detect(session.cube, "grx"), "Global <RX>")
    session.set_threshold(entry.id, 20.0, "value=20")
    save_session(tmp_path / "day.hadsession", session.state, Viewing(), ArrayNames())
    return tmp_path / "day.hadsession"


def test_a_session_is_reported_as_it_was_saved(shell, saved, tmp_path):
    assert shell("report", saved, tmp_path / "page.htm") == 0
    text = (tmp_path / "page.htm").read_text(encoding="utf-8")
    assert "Global &lt;RX&gt;" in text
    assert "score &gt;= 20" in text
    assert "--seed" in shell.refuses(2, "report", saved, tmp_path / "page.htm", "--seed", "3")


@pytest.mark.parametrize(
    ("code", "arguments", "said"),
    [
        (2, ["page.html"], "name detectors with -d"),
        (2, ["page.html", "-d", "none"], "none"),
        (2, ["page.html", "-d", "grx", "--smallest", "3"], "--threshold"),
        (2, ["page.html", "-d", "grx", "--threshold", "sometimes"], "sometimes"),
        (3, ["page.txt", "-d", "grx"], ".html"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_computed(shell, scene, tmp_path, code, arguments, said):
    target, *more = arguments
    assert said in shell.refuses(code, "report", scene, tmp_path / target, *more)
    assert not (tmp_path / target).exists()


def test_an_empty_session_has_nothing_to_report(shell, tmp_path):
    save_session(tmp_path / "empty.hadsession", Session().state, Viewing(), ArrayNames())
    assert "without a scene" in shell.refuses(3, "report", tmp_path / "empty.hadsession", tmp_path / "page.html")
