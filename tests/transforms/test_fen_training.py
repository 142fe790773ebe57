"""One step of FEN's training against a version with torch's modules; the teacher's file; what is exported."""

import errno
import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from hadviewer.core.errors import ParamError, ReadError, WriteError
from hadviewer.core.params import parse
from hadviewer.transforms import _fen_training as fen
from hadviewer.transforms._fen_trainer import Training
from hadviewer.transforms._fen_weights import find_weights, load_network
from tests.transforms import reference_fen_training as reference

TINY = fen.TrainingParams(bands=5, patch=16, batch=2, width=2)
ARCHITECTURE = fen.Architecture(5, 2)


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads that wait for each other on a busy machine take ten times as long for networks as small as these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def begin(seed=0, teacher_seed=1):
    return Training.begin(TINY, seed, "", fen.random_teacher(ARCHITECTURE, teacher_seed), "cpu")


def begin_in_double():
    """A training in float64: rounding in 30 blocks with few values in each norm hides what is to be seen."""
    single = begin()
    teacher = {name: value.double() for name, value in single.teacher.items()}
    trained = {name: value.detach().double() for name, value in single.trained.items()}
    return Training._of(TINY, 0, "", teacher, trained, "cpu")


def batch(seed=0):
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (2, 16, 16, 5)).astype(np.float32)


@pytest.fixture
def modules():
    """The same weights in torch's modules, in float64: what is trained, and the teacher."""
    training = begin_in_double()
    trained, teacher = reference.Trained(5, 2).double(), reference.Teacher(2).double()
    for module, weights in ((trained, training.trained), (teacher, training.teacher)):
        missing, unexpected = module.load_state_dict(weights, strict=False)
        assert not unexpected
        assert all(name.endswith("num_batches_tracked") for name in missing)
    return trained.train(), teacher.eval().requires_grad_(False)


def test_losses_are_those_of_the_transcription(modules):
    x = torch.from_numpy(batch().astype(float)).permute(0, 3, 1, 2)
    training = begin_in_double()
    parts, output = ARCHITECTURE.losses(x, training.trained, training.teacher)
    ours = [float(value.detach()) for value in parts]
    assert float(((output - x) ** 2).mean().detach()) == ours[1]
    expected = [float(value.detach()) for value in reference.losses(*modules, x)]
    np.testing.assert_allclose(ours, expected, rtol=1e-9)
    np.testing.assert_allclose(begin()._step(batch())[0], expected, rtol=1e-5)


def test_a_step_is_that_of_the_transcription(modules):
    trained, teacher = modules
    training, values = begin_in_double(), batch().astype(float)
    training._step(values)
    optimizer = torch.optim.Adam(trained.parameters(), lr=0.005, betas=(0.5, 0.999))
    parts = reference.losses(trained, teacher, torch.from_numpy(values).permute(0, 3, 1, 2))
    (parts[0] + 0.1 * parts[1] + 0.1 * parts[2]).backward()
    learned = dict(trained.named_parameters())
    assert set(learned) == {name for name, value in training.trained.items() if value.requires_grad}
    for name, value in learned.items():
        np.testing.assert_allclose(training.trained[name].grad, value.grad, rtol=1e-6, atol=1e-9, err_msg=name)
    optimizer.step()
    for name, ours in training.trained.items():
        expected = trained.state_dict()[name]
        # Adam makes a full step of a gradient that is nothing but rounding.
        clear = learned[name].grad.abs() > 1e-9 if name in learned else torch.ones_like(expected, dtype=torch.bool)
        np.testing.assert_allclose(ours.detach()[clear], expected[clear], rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_teacher_stays_as_it_is():
    training = begin()
    before = {name: value.clone() for name, value in training.teacher.items()}
    training._step(batch())
    assert all(torch.equal(value, before[name]) for name, value in training.teacher.items())


def test_the_same_seed_begins_alike_and_touches_no_global_state():
    state = torch.random.get_rng_state()
    first, second, other = begin(), begin(), begin(seed=3)
    assert all(torch.equal(value, second.trained[name]) for name, value in first.trained.items())
    assert not torch.equal(first.trained["convh.weight"], other.trained["convh.weight"])
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_published_sizes():
    shapes = fen.Architecture(200, 64).shapes()
    assert shapes["convh.weight"] == (64, 200, 1, 1)
    assert shapes["conv1.weight"] == (256, 256, 1, 1)
    assert shapes["bottleneck.layer.2.conv3.weight"] == (2048, 1024, 1, 1)
    assert shapes["student.layer1.0.downsample.0.weight"] == (2048, 1024, 2, 2)
    assert shapes["student.output.weight"] == (200, 256, 1, 1)
    teacher = fen.Architecture(200, 64).teacher_shapes()
    assert teacher["layer3.22.conv2.weight"] == (512, 512, 3, 3)
    assert "layer2.0.downsample.1.running_var" in teacher


def test_a_patch_can_be_halved_three_times():
    with pytest.raises(ParamError, match="multiple of 8") as caught:
        parse(fen.TrainingParams, {"patch": 20})
    assert caught.value.field == "patch"


def test_what_is_exported_enhances_scenes(tmp_path):
    training = begin()
    files = fen.export_network(tmp_path, training.trained, training.teacher)
    assert [file.name for file in files] == ["convh.pt", "enc.pt", "pc.pt"]
    network = load_network(find_weights(tmp_path)[0], "cpu")
    assert network.bands == 5
    assert torch.equal(network.weights["layer1.0.conv2.weight"], training.teacher["layer1.0.conv2.weight"])


@pytest.mark.parametrize("room", [0, 2000])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch, room):
    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() + len(data) > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    training = begin()
    monkeypatch.setattr(Path, "open", lambda *_: Full())
    for write in (
        lambda: fen.export_network(tmp_path, training.trained, training.teacher),
        lambda: training.save(tmp_path / "checkpoint.pt"),
    ):
        with pytest.raises(WriteError, match="No space left on device"):
            write()
    assert list(tmp_path.iterdir()) == []


class TestTeacher:
    @pytest.fixture
    def state(self):
        """Like torchvision's file: also what comes before and after the three stages."""
        more = {
            "conv1.weight": torch.zeros(2, 3, 7, 7),
            "fc.bias": torch.zeros(9),
            "layer1.0.bn1.num_batches_tracked": 1,
        }
        return fen.random_teacher(ARCHITECTURE, 4) | more

    @pytest.mark.parametrize("nested", [False, True])
    @pytest.mark.parametrize("legacy", [False, True])
    def test_is_read_from_either_format(self, tmp_path, state, nested, legacy):
        content = {"state_dict": state} if nested else state
        torch.save(content, tmp_path / "t.pth", _use_new_zipfile_serialization=not legacy)
        read = fen.read_teacher(tmp_path / "t.pth", ARCHITECTURE)
        assert set(read) == set(ARCHITECTURE.teacher_shapes())
        assert torch.equal(read["layer3.22.conv3.weight"], state["layer3.22.conv3.weight"])

    def test_of_another_network_is_refused(self, tmp_path, state):
        torch.save(state, tmp_path / "t.pth")
        with pytest.raises(ReadError, match=r"layer1\.0\.conv1\.weight is 4 × 2 × 1 × 1 where 128 × 64 × 1 × 1"):
            fen.read_teacher(tmp_path / "t.pth", fen.Architecture(5, 64))
        del state["layer2.1.conv1.weight"]
        torch.save(state, tmp_path / "t.pth")
        with pytest.raises(ReadError, match=r"lacks layer2\.1\.conv1\.weight"):
            fen.read_teacher(tmp_path / "t.pth", ARCHITECTURE)

    @pytest.mark.parametrize("legacy", [False, True])
    def test_code_in_its_file_does_not_run(self, tmp_path, legacy):
        class Attack:
            def __reduce__(self):
                return open, (str(tmp_path / "trace"), "w")

        torch.save({"layer1": Attack()}, tmp_path / "t.pth", _use_new_zipfile_serialization=not legacy)
        with pytest.raises(ReadError, match="no file of weights"):
            fen.read_teacher(tmp_path / "t.pth", ARCHITECTURE)
        assert not (tmp_path / "trace").exists()

    @pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps(3)])
    def test_what_is_no_file_of_weights(self, tmp_path, content):
        (tmp_path / "t.pth").write_bytes(content)
        with pytest.raises(ReadError):
            fen.read_teacher(tmp_path / "t.pth", ARCHITECTURE)

    def test_is_looked_for_in_the_cache_of_torch(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TORCH_HOME", str(tmp_path))
        folder = tmp_path / "hub" / "checkpoints"
        with pytest.raises(ReadError) as caught:
            fen.find_teacher()
        assert str(folder) in str(caught.value)
        assert "put wide_resnet101_2-32ee1156.pth" in str(caught.value)
        folder.mkdir(parents=True)
        (folder / fen.TEACHER_FILES[1]).touch()
        assert fen.find_teacher() == folder / fen.TEACHER_FILES[1]
