"""A detector that shows what a network shows, loaded as a plug-in by the tests of the training view."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector


class LearningParams(Params):
    """How long it pretends to learn."""

    steps: int = field(50, "Steps", ge=1, le=10_000, help="Steps of the training.")
    rate: float = field(0.1, "Rate", gt=0, le=1, help="How fast it learns.")
    pause: float = field(0.0, "Pause", ge=0, le=1, unit="s", advanced=True, help="Waited in each step.")


@detector(
    id="learning",
    title="Learning",
    family="Test",
    params=LearningParams,
    takes=("segments",),
    presets={"Quick": {"steps": 10, "rate": 0.5}, "Slow": {"steps": 200}},
)
def learning(cube: NDArray[Any], p: LearningParams, ctx: Context) -> NDArray[Any]:
    """Moves from zero towards the mean spectrum, and shows every step."""
    scene = np.nan_to_num(cube)
    mean = scene.mean(axis=(0, 1))
    segments = ctx.inputs.get("segments")
    ctx.picture("Input", 0, colours(scene, scene))
    guess = np.zeros_like(mean)
    scores = np.zeros(cube.shape[:2], dtype=np.float32)
    for step in range(1, p.steps + 1):
        ctx.step(step - 1, p.steps, "Training")
        guess = guess + p.rate * (mean - guess)
        scores = np.linalg.norm(scene - guess, axis=2).astype(np.float32)
        ctx.curve("loss", step, float((scores**2).mean()))
        ctx.curve("gap", step, float(np.abs(mean - guess).mean()))
        ctx.preview(scores)
        ctx.picture("Reconstruction", step, colours(np.broadcast_to(guess, scene.shape), scene))
        ctx.picture("Let through", step, (scores < np.median(scores)).astype(np.float32))
        ctx.picture("Attention", step, np.outer(guess, guess).astype(np.float32))
        time.sleep(p.pause)
    if segments is not None:
        ctx.note(f"{len(np.unique(segments[segments >= 0]))} superpixels were handed in.")
    ctx.step(p.steps, p.steps, "Training")
    return np.where(np.isfinite(cube).all(axis=2), scores, np.nan)


def colours(values: NDArray[Any], like: NDArray[Any]) -> NDArray[np.float32]:
    """Three bands stretched to 0..1 as those of ``like`` are."""
    bands = [like.shape[2] // 6, like.shape[2] // 2, 5 * like.shape[2] // 6]
    low, high = np.percentile(like[..., bands], [2, 98])
    return np.clip((values[..., bands] - low) / max(high - low, 1e-9), 0, 1).astype(np.float32)
