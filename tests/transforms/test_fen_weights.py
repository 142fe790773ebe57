"""Files of weights as strangers may send them: read as data only, held to their shapes, refused with a sentence."""

import pickle
import zipfile

import pytest
import torch

from hadviewer.core.errors import ReadError
from hadviewer.transforms._fen_weights import find_weights, load_network
from tests.transforms.fen_weights import random_state, write_states


class Attack:
    """Creates a file when it is unpickled without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def load(folder):
    return load_network(find_weights(folder)[0], "cpu")


def refusal(folder):
    with pytest.raises(ReadError) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("file", ["convh.pt", "enc.pt", "pc.pt"])
@pytest.mark.parametrize("packed", [True, False])
def test_code_in_a_file_does_not_run(tmp_path, file, packed):
    folder, trace = write_states(tmp_path / "weights", 6), tmp_path / "trace"
    if packed:
        torch.save({"state_dict": Attack(trace)}, folder / file)
    else:
        (folder / file).write_bytes(pickle.dumps({"state_dict": Attack(trace)}))
    assert "no file of weights" in refusal(folder)
    assert not trace.exists()


def test_a_weight_of_another_shape_is_named(tmp_path):
    folder = write_states(tmp_path, 6)
    state = random_state(6) | {"conv2.weight": torch.zeros(6, 9, 1, 1)}
    torch.save({"state_dict": state}, folder / "pc.pt")
    assert "conv2.weight is 6 × 9 × 1 × 1 where 6 × 8 × 1 × 1 is needed" in refusal(folder)


def test_files_of_two_networks_do_not_mix(tmp_path):
    folder = write_states(tmp_path / "six", 6)
    other = write_states(tmp_path / "seven", 7)
    (folder / "pc.pt").write_bytes((other / "pc.pt").read_bytes())
    assert "conv2.weight is 7 ×" in refusal(folder)


def test_a_missing_weight_is_named(tmp_path):
    folder = write_states(tmp_path, 6)
    state = random_state(6)
    del state["layer1.2.bn3.running_var"]
    torch.save({"state_dict": state}, folder / "enc.pt")
    assert "lacks layer1.2.bn3.running_var" in refusal(folder)


def test_weights_that_are_not_finite_are_named(tmp_path):
    folder = write_states(tmp_path, 6)
    torch.save({"state_dict": random_state(6) | {"conv1.bias": torch.full((8,), float("nan"))}}, folder / "pc.pt")
    assert "conv1.bias has values that are not finite" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04" + bytes(100), pickle.dumps([1, 2])])
def test_what_is_no_file_of_weights(tmp_path, content):
    folder = write_states(tmp_path, 6)
    (folder / "enc.pt").write_bytes(content)
    assert "no file of weights" in refusal(folder)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_cut_off_file(tmp_path, share):
    folder = write_states(tmp_path, 6)
    whole = (folder / "enc.pt").read_bytes()
    (folder / "enc.pt").write_bytes(whole[: int(len(whole) * share)])
    assert "no file of weights" in refusal(folder)


def test_a_file_that_would_unfold_is_not_unfolded(tmp_path):
    folder = write_states(tmp_path, 6)
    with zipfile.ZipFile(folder / "enc.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("enc/data.pkl", bytes(50 * 2**20))
    assert "no file of weights" in refusal(folder)


def test_other_contents(tmp_path):
    folder = write_states(tmp_path, 6)
    torch.save([1, 2], folder / "convh.pt")
    assert "has no 'state_dict'" in refusal(folder)
    torch.save({"state_dict": {"convh.weight": torch.zeros(5)}}, folder / "convh.pt")
    assert "lacks convh.weight" in refusal(folder)


def test_a_weight_larger_than_its_file_is_not_made_room_for(tmp_path):
    folder = write_states(tmp_path, 6)
    vast = torch.zeros(1).expand(4, 10**12, 1, 1)
    torch.save({"state_dict": {"convh.weight": vast}}, folder / "convh.pt")
    assert "more than the file holds" in refusal(folder)
