"""Processors a detector can run on. The one place outside detectors and transforms that asks torch."""

import os
from dataclasses import dataclass

from hadviewer.core.errors import DetectorError, ParamError

KINDS = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Device:
    """One processor: ``id`` as a request names it, ``title`` as a user reads it, ``memory`` in bytes or None."""

    id: str
    title: str
    memory: int | None = None


def cpu() -> Device:
    """The processor every machine has."""
    return Device("cpu", f"CPU ({os.cpu_count() or 1} threads)")


def available() -> tuple[Device, ...]:
    """Every usable device, the CPU first. Imports torch (seconds): call it in the worker process, not in the window."""
    import torch

    found = [cpu()]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(index)
        memory = int(properties.total_memory)
        found.append(Device(f"cuda:{index}", f"{properties.name} ({memory / 2**30:.0f} GiB)", memory))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU (MPS)"))
    return tuple(found)


def choose(wanted: str, supported: tuple[str, ...]) -> str:
    """The device a run will use: ``wanted`` if it exists and the detector supports it.

    'auto' prefers a GPU the detector supports, else the CPU. Raises ParamError for an unknown word or a device the
    detector does not run on, DetectorError for one this machine lacks. torch is only asked when it matters.
    """
    kind = wanted.partition(":")[0]
    if kind not in KINDS:
        raise ParamError(f"There is no device {wanted!r}.", field="device", hint=f"Use one of {', '.join(KINDS)}.")
    gpus = [name for name in supported if name != "cpu"]
    if kind == "cpu" or (kind == "auto" and not gpus):
        return "cpu"
    if kind not in ("auto", *supported):
        hint = f"It runs on {', '.join(supported)}."
        raise ParamError(f"This detector does not run on {wanted}.", field="device", hint=hint)
    present = [device.id for device in available()]
    if kind == "auto":
        return next((device for device in present if device.partition(":")[0] in gpus), "cpu")
    match = next((device for device in present if wanted in (device, device.partition(":")[0])), None)
    if match is None:
        raise DetectorError(f"This machine has no {wanted} device.", hint="Choose the CPU, or auto.")
    return match


def limit_threads(count: int) -> None:
    """Let numerical libraries that torch brings use ``count`` threads."""
    import torch

    torch.set_num_threads(max(1, count))
