"""Tasks for the worker process in tests: obedient, deaf, faulty and deadly ones."""

import os
import signal

import numpy as np

from hadviewer.core.errors import ParamError


def add(first, second, ctx):
    return first + second


def double(array, ctx):
    array *= 2
    return {"array": array, "view": array[:, ::2], "small": np.arange(3)}


def tell(ctx):
    ctx.step(1, 4, "One", loss=0.5)
    ctx.preview(np.full((200, 300), 7.0, np.float32))
    ctx.curve("loss", 1, 0.5)
    ctx.curve("loss", 2, 0.25)
    ctx.picture("error", 2, np.eye(2))
    ctx.step(4, 4, "Four")


def refuse(ctx):
    raise ParamError("This cannot be.", field="inner", hint="Try another.", details="so it is")


def stumble(ctx):
    return 1 / 0


def not_for_travel(ctx):
    return lambda: None


def obey(ctx):
    while True:
        ctx.step(0, 1, "waiting")


def never_listen(ctx):
    ctx.step(0, 1, "started")
    while True:
        pass


def be_killed(ctx):
    ctx.step(0, 1, "started")
    os.kill(os.getpid(), signal.SIGKILL)


def leave(ctx):
    os._exit(3)


def where(ctx):
    return os.getpid()


def manners(ctx):
    return {
        "niceness": os.nice(0),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS"),
        "allowed": ctx.threads,
        "interrupt": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    }
