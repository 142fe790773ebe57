"""The reference pages are those that the program writes about itself."""

import pytest

from hadviewer.analysis.figures import FIGURES
from hadviewer.analysis.thresholds import RULES
from hadviewer.cli import docs, flags
from hadviewer.engine import catalog


def test_the_pages_are_up_to_date(capsys):
    assert docs.main(["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_is_old_or_missing_is_named(tmp_path, capsys):
    assert docs.main(["--folder", str(tmp_path / "new")]) == 0
    assert docs.main(["--folder", str(tmp_path / "new"), "--check"]) == 0
    (tmp_path / "new" / "cli.md").write_text("old")
    (tmp_path / "new" / "readers.md").unlink()
    assert docs.main(["--folder", str(tmp_path / "new"), "--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "docs/reference/readers.md is out of date: run make docs.",
        "docs/reference/cli.md is out of date: run make docs.",
    ]
    assert (tmp_path / "new" / "cli.md").read_text() == "old"


@pytest.mark.parametrize("kind", ["detectors", "transforms", "readers", "library-readers", "writers"])
def test_everything_of_the_catalogue_is_described(kind):
    page = docs.pages()[f"{kind}.md"]
    for spec in getattr(catalog, kind.replace("-", "_"))():
        assert f"## {spec.id}\n" in page
        assert spec.summary in page
        for name in spec.params.model_fields:
            assert f"| {name} |" in page


def test_every_command_and_flag_is_described():
    page = docs.pages()["cli.md"]
    for name in flags.COMMANDS:
        assert f"## hadviewer {name}\n" in page
        for action in flags.parser(name)._actions:
            assert all(flag in page for flag in action.option_strings)


def test_help_names_every_threshold_rule_with_the_number_it_takes_by_default():
    said = next(action.help for action in flags.parser("detect")._actions if "--threshold" in action.option_strings)
    for rule in RULES.values():
        assert f"{rule.id}={rule.default:g}" in said if rule.argument else rule.id in said


def test_every_figure_and_rule_is_described():
    page = docs.pages()["figures.md"]
    for figure in FIGURES.values():
        assert f"| `{figure.id}` | {figure.title} |" in page
    for rule in RULES.values():
        assert f"| `{rule.id}` | {rule.title} |" in page


def test_plug_ins_are_not_described(monkeypatch, tmp_path):
    (tmp_path / "foreign.py").write_text(
        "from hadviewer.core.specs import transform\n\n@transform(id='foreign', title='Foreign')\n"
        "def foreign(cube, p, ctx):\n    '''Not ours.'''\n    return cube\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "foreign")
    catalog.transforms.cache_clear()
    assert "foreign" in catalog.transforms()
    assert "foreign" not in docs.pages()["transforms.md"]
    monkeypatch.undo()
    catalog.transforms.cache_clear()
