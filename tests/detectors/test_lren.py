"""LREN: its training step, mixture, dictionaries and low-rank step equal those written out."""

import numpy as np
import pytest
import torch

import hadviewer as hv
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._lren_mixture import Mixture, cluster_memberships, embedded
from hadviewer.detectors._lren_network import Network, Objective, Schedule, training
from hadviewer.detectors._lren_representation import (
    LITERAL_SOLVER,
    STABLE_SOLVER,
    published_atoms,
    residuals,
    scaled_weight,
    trusted_atoms,
    whitened,
)
from hadviewer.detectors.lren import LRENParams, comparable, lren, standardised
from tests.detectors import reference_lren as reference


def scene(rows=14, cols=17, bands=12, seed=0):
    """Three materials in smooth mixture with noise; two pixels of a fourth."""
    rng = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(0, 1, cols), np.linspace(0, 1, rows))
    shares = np.stack([across, down * (1 - across), (1 - down) * (1 - across)], axis=2)
    cube = shares @ (1 + rng.random((3, bands))) + rng.normal(0, 0.01, (rows, cols, bands))
    for place in ((3, 4), (9, 12)):
        cube[place] = 1 + rng.random(bands)
    return cube.astype(np.float32)


def every(cube):
    return np.ones(cube.shape[:2], bool)


def vectors(count=400, size=5, components=4, seed=1):
    """Latent vectors in clumps, with memberships that follow them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 3, (components, size))
    z = centres[rng.integers(components, size=count)] + rng.normal(0, 1, (count, size))
    heights = -((z[:, None] - centres) ** 2).sum(axis=2) / 4
    memberships = np.exp(heights - heights.max(axis=1, keepdims=True))
    return z, memberships / memberships.sum(axis=1, keepdims=True)


def score(cube, seed=0, **params):
    ctx = Context(seed=seed)
    return lren(cube, LRENParams(**params), ctx), ctx


def doubles(network):
    layers = (*network.encoder, *network.decoder, *network.density)
    return [tuple(part.detach().double().requires_grad_() for part in layer) for layer in layers]


def test_the_spectra_are_standardised_as_published():
    cube = scene()
    found = standardised(cube, every(cube), LRENParams()).numpy()
    np.testing.assert_allclose(found, reference.standardised(cube), atol=1e-4)


def test_loss_and_gradients_equal_those_written_out():
    network = Network(12, 30, 5, 4, torch.Generator().manual_seed(3))
    x = torch.randn((90, 12), generator=torch.Generator().manual_seed(4))
    weights = doubles(network)
    expected = reference.loss(weights, x.double())
    expected.backward()
    loss, _, _ = Objective()(network, x, torch.Generator())
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for ours, theirs in zip(network.parameters(), [part for layer in weights for part in layer], strict=True):
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-3, atol=1e-5)


def test_one_step_of_training_equals_the_step_written_out():
    network = Network(12, 30, 5, 4, torch.Generator().manual_seed(3))
    x = torch.randn((90, 12), generator=torch.Generator().manual_seed(4))
    weights = doubles(network)
    parts = [part for layer in weights for part in layer]
    optimiser = torch.optim.Adam(parts, lr=1e-3)
    reference.loss(weights, x.double()).backward()
    optimiser.step()
    next(training(network, x, Schedule(1e-3, 90, 1), Objective(), torch.Generator().manual_seed(0)))
    for ours, theirs in zip(network.parameters(), parts, strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), atol=1e-5)


def test_first_weights_are_glorot_uniform_and_biases_zero():
    network = Network(100, 400, 9, 7, torch.Generator().manual_seed(0))
    for weight, bias in (*network.encoder, *network.decoder, *network.density):
        limit = np.sqrt(6 / sum(weight.shape))
        assert weight.abs().max().item() <= limit
        assert weight.std().item() == pytest.approx(limit / np.sqrt(3), rel=0.1)
        assert not bias.any()


@pytest.mark.parametrize(
    ("pixels", "steps", "largest"),
    [
        (10_000, 300, 1000),
        (8000, 304, 1000),
        (4800, 300, 960),
        (1500, 300, 1500),
        (600, 60, 600),
        (1_000_000, 977, 1024),
    ],
)
def test_the_fast_schedule_counts_steps_in_equal_batches(pixels, steps, largest):
    schedule = Schedule.fast(pixels)
    assert schedule.steps(pixels) == steps
    assert schedule.batch == largest


def test_mixture_and_energies_equal_those_written_out():
    z, memberships = (torch.from_numpy(array) for array in vectors())
    mixture = Mixture.fitted(z, memberships)
    shares, means, covariances = reference.mixture(z, memberships)
    np.testing.assert_allclose(mixture.shares, torch.stack(shares), rtol=1e-9)
    np.testing.assert_allclose(mixture.means, torch.stack(means), rtol=1e-9)
    np.testing.assert_allclose(mixture.covariances, torch.stack(covariances), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mixture.energies(z), reference.energies(z, shares, means, covariances), rtol=1e-9)


def test_the_common_energy_leaves_small_components_out():
    z, memberships = vectors(components=3)
    rare = np.zeros((len(z), 1))
    rare[:5] = 1
    joined = np.hstack([memberships * (1 - rare), rare])
    found = embedded(torch.from_numpy(z), torch.from_numpy(joined))
    shares, means, covariances = reference.mixture(torch.from_numpy(z), torch.from_numpy(joined))
    expected = reference.energies(torch.from_numpy(z), shares[:3], means[:3], covariances[:3])
    np.testing.assert_allclose(found.common, expected, rtol=1e-9)
    assert (found.common >= found.energy).all()


def test_a_component_without_members_does_no_harm():
    z, memberships = vectors(components=3)
    found = embedded(torch.from_numpy(z), torch.from_numpy(np.hstack([memberships, np.zeros((len(z), 1))])))
    alone = embedded(torch.from_numpy(z), torch.from_numpy(memberships))
    np.testing.assert_allclose(found.energy, alone.energy, rtol=1e-6)


@pytest.mark.parametrize("weight", [1e-3, 0.01, 0.1])
@pytest.mark.parametrize("solver", [STABLE_SOLVER, LITERAL_SOLVER])
def test_the_low_rank_step_equals_the_one_with_both_multipliers_and_an_svd(weight, solver):
    z, memberships = vectors(900)
    atoms = published_atoms(memberships)
    assert list(atoms) == reference.published_atoms(memberships)
    E = reference.representation(z.T, z[atoms].T, weight, solver.tolerance, solver.iterations)
    found = residuals(z, atoms, weight, solver, Context())
    np.testing.assert_allclose(found, np.linalg.norm(E, axis=0), atol=1e-8)


def test_the_low_rank_step_does_not_depend_on_how_the_pixels_are_divided(monkeypatch):
    z, memberships = vectors(900)
    whole = residuals(z, published_atoms(memberships), 0.02, STABLE_SOLVER, Context())
    monkeypatch.setattr("hadviewer.detectors._lren_representation.PIECE", 128)
    pieces = residuals(z, published_atoms(memberships), 0.02, STABLE_SOLVER, Context())
    np.testing.assert_allclose(pieces, whole, atol=1e-9)


def test_a_limit_that_ends_the_low_rank_step_is_told():
    z, memberships = vectors()
    ctx = Context()
    residuals(z, published_atoms(memberships), 0.02, STABLE_SOLVER._replace(iterations=5), ctx)
    assert "5 iterations" in ctx.remarks[0]


def test_the_stable_residual_equals_the_one_written_out():
    z, memberships = vectors(600)
    common = embedded(torch.from_numpy(z), torch.from_numpy(memberships)).common
    y = whitened(z)
    atoms = trusted_atoms(memberships, common)
    found = residuals(y, atoms, scaled_weight(y, atoms), STABLE_SOLVER, Context())
    expected, expected_atoms = reference.stable_residual(z, memberships, common)
    assert list(atoms) == expected_atoms
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_no_pixel_of_high_energy_becomes_an_atom():
    _, memberships = vectors(600)
    energy = np.arange(600.0)
    assert (energy[trusted_atoms(memberships, energy)] <= np.quantile(energy, 0.95)).all()


def test_whitened_vectors_do_not_depend_on_units_nor_on_outliers():
    z, _ = vectors(1000)
    mixing = np.random.default_rng(3).normal(size=(5, 5))
    lengths = np.linalg.norm(whitened(z), axis=1)
    np.testing.assert_allclose(np.linalg.norm(whitened(z @ mixing + 7), axis=1), lengths, rtol=1e-6)
    spoilt = z.copy()
    spoilt[:20] += 1000
    np.testing.assert_allclose(np.linalg.norm(whitened(spoilt), axis=1)[20:], lengths[20:], rtol=0.15)


def test_scores_of_different_networks_are_made_comparable():
    scores = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_allclose(comparable(5 * scores + 3), comparable(scores))
    np.testing.assert_allclose(comparable(scores), reference.normalised(scores))
    assert not comparable(np.full(7, 3.0)).any()
    assert comparable(np.array([0.0] * 400 + [1.0])).max() > 0


def test_memberships_of_clusters_are_highest_in_the_own_one():
    z, memberships = vectors()
    labels = memberships.argmax(axis=1)
    found = cluster_memberships(z, labels)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"score": "residual", "restarts": 1},
        {"score": "energy", "restarts": 1},
        {"mode": "literal", "epochs": 20, "rate": 1e-3, "score": "both"},
        {"space": "original"},
        {"space": "original", "mode": "literal"},
        {"dropout": 0.5, "restarts": 1},
    ],
    ids=str,
)
def test_every_form_gives_scores_and_what_led_to_them(params):
    scores, ctx = score(scene(), **params)
    assert np.isfinite(scores).all()
    assert ("Residual" in ctx.extras) == (params.get("score") != "energy")
    assert set(np.unique(ctx.extras["Component"])) <= set(range(1, 8))
    assert ctx.extras["Energy"].shape == scores.shape


def test_the_stable_mode_finds_both_pixels_of_another_material():
    scores, _ = score(scene())
    assert {tuple(place) for place in np.argwhere(scores >= np.sort(scores, axis=None)[-2])} == {(3, 4), (9, 12)}


def test_one_run_of_the_literal_form_scores_by_the_length_of_the_residual():
    scores, ctx = score(scene(), mode="literal", epochs=20)
    np.testing.assert_array_equal(scores, ctx.extras["Residual"])


def test_late_maps_are_averaged_once_they_are_comparable():
    cube = scene()
    last = [score(cube, mode="literal", batch=100, epochs=epochs)[0] for epochs in (4, 5, 6)]
    expected = np.mean([comparable(scores.ravel().astype(float)) for scores in last], axis=0)
    found, ctx = score(cube, mode="literal", batch=100, epochs=6, average_last=3)
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ctx.extras["Residual"], np.mean(last, axis=0), rtol=1e-5)
    few, _ = score(cube, mode="literal", batch=100, epochs=6, average_last=100)
    assert np.isfinite(few).all()


def test_an_ensemble_is_the_mean_over_networks_of_seeds_in_a_row():
    runs = [score(scene(), seed=seed, restarts=1)[0] for seed in (4, 5)]
    together, _ = score(scene(), seed=4, restarts=2)
    np.testing.assert_allclose(together, np.mean(runs, axis=0), rtol=1e-4, atol=1e-4)


def test_equal_seeds_give_equal_bytes_and_torch_keeps_its_random_state():
    before = torch.get_rng_state()
    first, _ = score(scene(), seed=3, restarts=2)
    second, _ = score(scene(), seed=3, restarts=2)
    assert first.tobytes() == second.tobytes()
    assert score(scene(), seed=4, restarts=2)[0].tobytes() != first.tobytes()
    assert torch.equal(torch.get_rng_state(), before)


def test_training_is_shown_while_it_runs():
    class Watching(SilentReporter):
        def __init__(self):
            self.curves, self.pictures, self.previews = {}, {}, []

        def curve(self, name, x, y):
            self.curves.setdefault(name, []).append((x, y))

        def picture(self, name, step, array):
            self.pictures.setdefault(name, []).append((step, array))

        def preview(self, scores):
            self.previews.append(scores)

    watching = Watching()
    lren(scene(), LRENParams(restarts=2), Context(reporter=watching))
    assert set(watching.curves) == {"loss", "reconstruction", "energy"}
    assert [x for x, _ in watching.curves["loss"]] == list(range(1, 121))
    assert watching.curves["reconstruction"][59][1] < watching.curves["reconstruction"][0][1]
    assert [step for step, _ in watching.pictures["Reconstruction"]] == [50, 60, 110, 120]
    picture = watching.pictures["Reconstruction"][-1][1]
    assert picture.shape == (14, 17, 3)
    assert np.abs(picture - watching.pictures["Input"][0][1]).mean() < 0.1
    assert all(preview.shape == (14, 17) for preview in watching.previews)


def test_a_scene_too_large_for_memory_is_refused_with_the_size_that_fits(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 100_000}))
    with pytest.raises(DetectorError, match="of 238 pixels") as refusal:
        score(scene())
    assert "at most" in refusal.value.hint


def test_the_published_figure_on_a_real_scene(scenes):
    """One network instead of three: 0.985 ± 0.001 by design, 0.9403 by global RX."""
    opened = hv.open(scenes / "sandiego-134.mat")
    result = hv.detect(opened.cube, "lren", params={"restarts": 1}, device="cpu")
    assert auc(result.scores, opened.truth.mask) == pytest.approx(0.985, abs=0.005)
