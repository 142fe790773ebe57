"""Readers of spectral libraries are listed like those of cubes."""

from hadviewer.engine import catalog


def test_readers_of_libraries_are_listed_and_described(shell):
    assert shell("list") == 0
    assert "\nLibrary readers\n" in shell.out
    found = shell.json("list", "library-readers")
    assert [item["id"] for item in found["library-readers"]] == list(catalog.library_readers().specs)
    assert shell.json("list", "asd")["kind"] == "library-reader"
    assert shell.json("list", "asd")["extensions"] == [".asd"]
