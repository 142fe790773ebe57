"""Fifty programs killed in the middle of edits, runs and saves: how many come back, and how much was not yet kept."""

from pathlib import Path

from tests.e2e.killing import kill_one, write_scene

KILLS = 50


def test_fifty_kills(tmp_path: Path) -> None:
    scene = write_scene(tmp_path)
    killed = [kill_one(tmp_path / str(seed), scene, seed) for seed in range(KILLS)]
    back = sum(item.found >= item.safe for item in killed)
    kept = sum(bool(item.left) for item in killed)
    print(f"{back} of {KILLS} came back, {kept} of them from what was kept; steps {[item.found for item in killed]}")
    print(f"at most {max(item.unsafe_seconds for item in killed):.2f} s were not on the disk (kept every 0.06 s here)")
    assert back == KILLS, [item for item in killed if item.found < item.safe]
