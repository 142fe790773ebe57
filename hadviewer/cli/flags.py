"""What can be typed after ``hadviewer``: the commands, their arguments, their help."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from hadviewer import __version__
from hadviewer.cli.typed import count, entrants, formats, pair, rule, seed, size, step
from hadviewer.core.errors import ParamError

KINDS = ("detectors", "transforms", "readers", "library-readers", "writers", "devices")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are ParamErrors."""

    def __init__(self, prog: str, usage: str, description: str, examples: str) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=f"examples:\n{examples}",
            allow_abbrev=False,
            add_help=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_argument("-h", "--help", action="help", help="print this and do nothing else")

    def error(self, message: str) -> NoReturn:
        """Raise a ParamError instead of ending the process."""
        raise ParamError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


@dataclass(frozen=True)
class Command:
    """One sub-command: ``build`` adds its arguments, ``run`` is the 'module:function' that does it."""

    usage: str
    summary: str
    examples: str
    build: Callable[[Parser], None]
    run: str


def parser(name: str) -> Parser:
    """The parser of a sub-command."""
    command = COMMANDS[name]
    made = Parser(f"hadviewer {name}", f"hadviewer {name} {command.usage}", command.summary, command.examples)
    command.build(made)
    made.add_argument("--verbose", action="store_true", help="say everything that is known about an error")
    return made


def window_parser() -> Parser:
    """The parser of what opens the window."""
    commands = "".join(f"  {name:10} {command.summary}\n" for name, command in COMMANDS.items())
    made = Parser("hadviewer", WINDOW_USAGE, f"{WINDOW_SUMMARY}\n\ncommands:\n{commands}", WINDOW_EXAMPLES)
    add = made.add_argument
    add("file", metavar="FILE", nargs="?", help="the cube or session to open; without one, the demo scene")
    add("--entry", metavar="NAME", help="which array of a file that holds several (hadviewer info lists them)")
    _option(made)
    add("--truth", metavar="FILE[:ENTRY]", help="mask of the known anomalies")
    add("--run", metavar="DETECTOR", help="run this detector at once, with its default parameters")
    add("--screenshot", metavar="OUT.png", type=Path, help="draw the window into a picture, also without a display")
    add("--size", metavar="WxH", type=size, help="size of the window in pixels, such as 1600x1000")
    add("--theme", choices=("light", "dark"), help="colours of the window; by default those of the system")
    add("--verbose", action="store_true", help="say everything that is known about an error")
    add("--version", action="version", version=f"hadviewer {__version__}", help="print the version")
    return made


def _json(made: Parser) -> None:
    made.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def _option(made: Parser) -> None:
    made.add_argument(
        "--option",
        metavar="key=value",
        type=pair,
        action="append",
        help="how the file is read, such as order=bsq (hadviewer list readers ID shows the options); repeatable",
    )


def _info(made: Parser) -> None:
    made.add_argument("file", metavar="FILE", help="the file to look into")
    made.add_argument("--entry", metavar="NAME", help="which array of a file that holds several")
    _option(made)
    made.add_argument("--truth", metavar="FILE[:ENTRY]", help="mask of the known anomalies")
    _json(made)


def _list(made: Parser) -> None:
    made.add_argument("kind", metavar="KIND", nargs="?", help=f"one of {', '.join(KINDS)}; all but devices by default")
    made.add_argument("id", metavar="ID", nargs="?", help="show the parameters of this one; KIND may be left out")
    _json(made)


def _detect(made: Parser) -> None:
    add = made.add_argument
    add("file", metavar="FILE", nargs="?", help="the cube")
    add("-d", "--detector", metavar="ID[:key=value,...]", type=step, help="the detector (hadviewer list detectors)")
    add(
        "-p", "--param", metavar="key=value", type=pair, action="append", help="a parameter of the detector; repeatable"
    )
    add("--preset", metavar="NAME", help="a set of parameters of the detector (hadviewer list ID), under those of -p")
    add(
        *("-t", "--transform"),
        metavar="ID[:key=value,...]",
        type=step,
        action="append",
        help="a transform before the detector (hadviewer list transforms); repeatable, applied in order",
    )
    add("--recipe", metavar="FILE", type=Path, help="do again what a recipe.json says; FILE may name another cube")
    add("--entry", metavar="NAME", help="which array of a file that holds several")
    _option(made)
    add("--truth", metavar="FILE[:ENTRY]", help="mask of the known anomalies, to evaluate the scores against")
    add("--bands", metavar="SPEC", help="bands to use: usable (default), all, 1-50,60 or 450-900nm")
    add(
        "--roi", metavar="FILE[:NAME]", help="score the pixels of a region only; GeoJSON, ENVI XML or ENVI's ASCII dump"
    )
    add("--exclude", metavar="FILE[:NAME]", help="leave the pixels of a region out: no score, no part in statistics")
    add(
        "--background",
        metavar="FILE[:NAME]",
        help="take mean and covariance from a region (grx, ssrx, wrx, utd, rxd-utd)",
    )
    add("--device", metavar="NAME", help="auto (default), cpu, cuda or mps")
    add("--seed", metavar="N", type=seed, help="seed of all random numbers; 0 by default")
    _objects(made)
    add("--out", metavar="DIR", type=Path, help="folder for the score map and recipe.json")
    add("--format", metavar="ID,...", type=formats, help="how to write it (hadviewer list writers); envi by default")
    _json(made)


def _objects(made: Parser) -> None:
    add = made.add_argument
    add(
        "--threshold",
        metavar="RULE[=NUMBER]",
        type=rule,
        help="find objects above a threshold: percentile=1 (percent of the pixels), value=0, mean_sigma=3, "
        "median_mad=6, gpd=0.001 or chi2=0.001 (false-alarm probability), otsu; these numbers where none is given",
    )
    add("--smallest", metavar="N", type=count, help="leave out objects of fewer pixels; 1 by default")
    add(
        "--close-gaps",
        metavar="N",
        type=count,
        help="fill gaps of up to N pixels first, so that the parts of an object count as one",
    )


def _report(made: Parser) -> None:
    add = made.add_argument
    add("file", metavar="FILE", help="the cube, or a saved session")
    add("target", metavar="OUT.html", type=Path, help="the page to write")
    add(
        *("-d", "--detectors"),
        metavar="[TRANSFORM+]ID[:key=value,...],...",
        type=entrants,
        action="append",
        help="the detectors, between commas or semicolons, as hadviewer bench takes them; repeatable",
    )
    add("--recipe", metavar="FILE", type=Path, action="append", help="do again what a recipe.json says; repeatable")
    add("--entry", metavar="NAME", help="which array of a file that holds several")
    _option(made)
    add("--truth", metavar="FILE[:ENTRY]", help="mask of the known anomalies, for ROC curves and hits")
    add("--bands", metavar="SPEC", help="bands to use: usable (default), all, 1-50,60 or 450-900nm")
    add("--device", metavar="NAME", help="auto (default), cpu, cuda or mps")
    add("--seed", metavar="N", type=seed, help="seed of all random numbers; 0 by default")
    _objects(made)
    _json(made)


def _evaluate(made: Parser) -> None:
    made.add_argument("scores", metavar="SCORES", help="the score map, as FILE or FILE:ENTRY")
    made.add_argument("--truth", metavar="FILE[:ENTRY]", required=True, help="mask of the known anomalies")
    _json(made)


def _fuse(made: Parser) -> None:
    add = made.add_argument
    add("maps", metavar="MAP", nargs="+", help="two or more score maps of one scene, each as FILE or FILE:ENTRY")
    add(
        "--rule",
        metavar="NAME",
        default="sum",
        help="how the ranks of a pixel become one: sum (default), product, maximum (one map suffices) or minimum (all "
        "maps must agree)",
    )
    add("--truth", metavar="FILE[:ENTRY]", help="mask of the known anomalies, to evaluate the maps against")
    add("--out", metavar="DIR", type=Path, help="folder for the fused map and recipe.json")
    add("--name", metavar="NAME", default="fused", help="what the names of the files begin with; fused by default")
    add("--format", metavar="ID,...", type=formats, help="how to write it (hadviewer list writers); envi by default")
    _json(made)


def _subset(made: Parser) -> None:
    add = made.add_argument
    add("file", metavar="FILE", help="the cube")
    add("target", metavar="OUT", type=Path, help="what to write: a name that ends in .hdr (ENVI) or .tif (GeoTIFF)")
    add("--entry", metavar="NAME", help="which array of a file that holds several")
    _option(made)
    add("--lines", metavar="FROM-TO", default="", help="lines, both included; all by default")
    add("--samples", metavar="FROM-TO", default="", help="samples, both included; all by default")
    add("--first", type=int, choices=(0, 1), default=1, help="the number of the first line and sample; 1 by default")
    add("--roi", metavar="FILE[:NAME]", help="the smallest rectangle around a region; GeoJSON, ENVI XML or ASCII dump")
    add("--mask", action="store_true", help="write pixels around the region as no data")
    add(
        "--bands",
        metavar="SPEC",
        default="usable",
        help="usable (default) leaves bad bands out, all keeps them, marked as bad; 1-50,60; 450-900nm",
    )
    add(
        "--values",
        metavar="HOW",
        choices=("raw", "scaled"),
        default="raw",
        help="raw (default): as the file has them, with their scale; scaled: physical values as 32-bit floats",
    )
    add(
        "--interleave",
        metavar="ORDER",
        choices=("bsq", "bil", "bip"),
        default="bsq",
        help="order of the values in an ENVI file: bsq (default), bil or bip",
    )
    _json(made)


def _bench(made: Parser) -> None:
    add = made.add_argument
    add("files", metavar="FILE|DIR", nargs="*", help="scenes with a truth, or folders of them")
    add(
        *("-d", "--detectors"),
        metavar="[TRANSFORM+]ID[:key=value,...],...",
        type=entrants,
        action="append",
        help="the detectors, each with parameters (preset=NAME is one) and transforms of its own if need be, between "
        "commas or semicolons; repeatable. Without FILE and -d the tables are written anew from the runs in --out",
    )
    add(
        *("-t", "--transform"),
        metavar="ID[:key=value,...]",
        type=step,
        action="append",
        help="a transform before every detector; repeatable, applied in order",
    )
    add(
        "--seeds",
        metavar="N",
        type=count,
        default=1,
        help="runs of each detector, with the seeds 0, 100, 200 ...; 1 by default",
    )
    add("--bands", metavar="SPEC", default="usable", help="bands to use: usable (default), all, 1-50,60 or 450-900nm")
    add("--device", metavar="NAME", default="auto", help="auto (default), cpu, cuda or mps")
    add("--published", action="store_true", help="put published figures beside, and say where their data differ")
    add(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help="folder for the tables and the picture; what runs.csv there has is not run again",
    )
    add("--again", action="store_true", help="run it again all the same")
    _json(made)


def _train(made: Parser) -> None:
    add = made.add_argument
    add("network", metavar="fen", choices=("fen",), help="what to train; fen, the feature enhancement network")
    add("folder", metavar="DIR", type=Path, help="folder of cubes that show background only")
    add("--bands", metavar="N", type=count, required=True, help="the network is for the first N bands of a scene")
    add(
        "--teacher",
        metavar="FILE",
        help="torchvision's weights of Wide-ResNet-101-2; by default looked for in the cache of torch. The word random "
        "gives a teacher that knows nothing, for trials",
    )
    add("--out", metavar="DIR", type=Path, required=True, help="folder for the weights, the checkpoint and the losses")
    add("--resume", action="store_true", help="go on with the training in --out")
    add("-p", "--param", metavar="key=value", type=pair, action="append", help="epochs, batch, patch, rate or width")
    add("--device", metavar="NAME", default="auto", help="auto (default), cpu, cuda or mps")
    add("--seed", metavar="N", type=seed, default=0, help="seed of all random numbers; 0 by default")
    _json(made)


def _trust(made: Parser) -> None:
    made.add_argument("places", metavar="DIR|FILE", nargs="+", help="weights that are programs (TorchScript)")
    made.add_argument("--withdraw", action="store_true", help="forget that they were allowed")
    _json(made)


def _demo(made: Parser) -> None:
    made.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the four files")
    _json(made)


WINDOW_USAGE = "hadviewer [FILE] [--entry NAME] [--truth FILE[:ENTRY]] [--run DETECTOR] [--screenshot OUT.png] ..."
WINDOW_SUMMARY = "Open a hyperspectral cube in a window, find anomalies in it, compare them with the truth, export."
WINDOW_EXAMPLES = """\
  hadviewer                                     the window, on the demo scene
  hadviewer scene.hdr                           the window, on a file
  hadviewer scene.hdr --run grx --screenshot picture.png
  hadviewer detect scene.hdr -d grx --out results

A file that is called like a command is opened as ./info."""

COMMANDS: dict[str, Command] = {
    "info": Command(
        "FILE [--entry NAME] [--option key=value]... [--truth FILE[:ENTRY]] [--json]",
        "Tell what a file holds: size, type, wavelengths, bad bands, scale, map, truth.",
        "  hadviewer info scene.hdr\n  hadviewer info scenes.mat --entry cube2 --json",
        _info,
        "hadviewer.cli.commands:info",
    ),
    "list": Command(
        f"[{'|'.join(KINDS)}] [ID] [--json]",
        "List what the program can do, or the parameters of one detector, transform, reader or writer.",
        "  hadviewer list detectors\n  hadviewer list grx\n  hadviewer list transforms pca --json",
        _list,
        "hadviewer.cli.listing:list_catalogue",
    ),
    "detect": Command(
        "FILE -d ID [-p key=value]... [-t TRANSFORM[:key=value,...]]... [--entry NAME]\n"
        "                        [--option key=value]... [--truth FILE[:ENTRY]] [--bands SPEC]\n"
        "                        [--device auto|cpu|cuda|mps] [--seed N]\n"
        "                        [--roi FILE[:NAME]] [--exclude FILE[:NAME]] [--background FILE[:NAME]]\n"
        "                        [--threshold RULE[=NUMBER]] [--smallest N] [--close-gaps N]\n"
        "                        [--out DIR] [--format envi,geotiff,png,gpkg,...] [--json]\n"
        "       hadviewer detect [FILE] --recipe FILE [--truth FILE[:ENTRY]] [--threshold RULE[=NUMBER]]\n"
        "                        [--smallest N] [--close-gaps N] [--out DIR] [--format ID,...] [--json]",
        "Run a detector on a cube; evaluate the scores where the truth is known; write them where --out says.",
        "  hadviewer detect scene.hdr -d grx\n"
        "  hadviewer detect scene.mat -d grx -t pca:components=20 --bands 450-900nm --json\n"
        "  hadviewer detect scene.hdr -d grx --truth truth.hdr --out results --format envi,png\n"
        "  hadviewer detect scene.hdr -d grx --threshold gpd=1e-4 --smallest 3 --out results\n"
        "  hadviewer detect scene.hdr -d grx --roi regions.geojson:Runway --background regions.geojson:Grass\n"
        "  hadviewer detect --recipe results/recipe.json",
        _detect,
        "hadviewer.cli.detecting:detect",
    ),
    "evaluate": Command(
        "SCORES --truth FILE[:ENTRY] [--json]",
        "Compare a score map with the truth: areas under ROC curves and more.",
        "  hadviewer evaluate results/scene_grx.hdr --truth truth.hdr\n"
        "  hadviewer evaluate scores.npy --truth scene.mat:map --json",
        _evaluate,
        "hadviewer.cli.commands:evaluate",
    ),
    "report": Command(
        "FILE OUT.html -d [TRANSFORM+]ID[:key=value,...],... [--recipe FILE]... [--entry NAME]\n"
        "                        [--option key=value]... [--truth FILE[:ENTRY]] [--bands SPEC]\n"
        "                        [--device auto|cpu|cuda|mps] [--seed N]\n"
        "                        [--threshold RULE[=NUMBER]] [--smallest N] [--close-gaps N] [--json]\n"
        "       hadviewer report SESSION.hadsession OUT.html [--json]",
        "Write one web page about a scene and what detectors find in it, or about a saved session.",
        "  hadviewer report scene.hdr report.html -d grx,lrx:inner=5 --threshold percentile=1 --smallest 2\n"
        "  hadviewer report scene.hdr report.html --recipe results/recipe.json --truth truth.hdr\n"
        "  hadviewer report day.hadsession report.html",
        _report,
        "hadviewer.cli.reporting:report",
    ),
    "fuse": Command(
        "MAP MAP... [--rule NAME] [--truth FILE[:ENTRY]] [--out DIR] [--name NAME] [--format ID,...] [--json]",
        "Fuse score maps of one scene by the ranks they give each pixel; evaluate the maps where the truth is known.",
        "  hadviewer fuse results/scene_grx.hdr results/scene_cbad.hdr --out results\n"
        "  hadviewer fuse a.npy b.hdr maps.mat:scores --truth scene.mat:map --json\n"
        "  hadviewer fuse a.npy b.npy --rule minimum --out results --name agreed --format envi,png",
        _fuse,
        "hadviewer.cli.fusing:fuse",
    ),
    "subset": Command(
        "FILE OUT.hdr|OUT.tif [--entry NAME] [--option key=value]... [--lines FROM-TO]\n"
        "                        [--samples FROM-TO] [--roi FILE[:NAME] [--mask]] [--bands SPEC]\n"
        "                        [--values raw|scaled] [--interleave bsq|bil|bip] [--json]",
        "Write a part of a cube as a file of its own: ENVI or GeoTIFF, with wavelengths, bad bands and map.",
        "  hadviewer subset scene.hdr part.hdr --lines 1-200 --samples 50-250\n"
        "  hadviewer subset scene.h5 vnir.tif --bands 400-1000nm --values scaled\n"
        "  hadviewer subset scene.hdr field.hdr --roi regions.geojson:Field --mask --bands all --interleave bip",
        _subset,
        "hadviewer.cli.subsetting:subset",
    ),
    "bench": Command(
        "FILE|DIR... -d ID[:key=value,...],... [-t TRANSFORM[:key=value,...]]... [--seeds N]\n"
        "                       [--bands SPEC] [--device auto|cpu|cuda|mps] [--published] [--again] [--json]\n"
        "                       --out DIR\n"
        "       hadviewer bench [--published] --out DIR [--json]",
        "Compare detectors on scenes with a truth: areas under ROC curves, with their spread over seeds and times.",
        "  hadviewer bench scenes -d grx,lrx,auto --out results\n"
        "  hadviewer bench scene.mat -d grx -d lrx:inner=5,outer=15 -t pca:components=20 --out results\n"
        "  hadviewer bench scenes -d iforest --seeds 5 --published --out results\n"
        '  hadviewer bench scenes -d "lren; lren:preset=Fast (one restart); pca:components=20+lren" --out results\n'
        "  hadviewer bench --published --out results        the tables anew, from the runs kept there",
        _bench,
        "hadviewer.cli.benching:bench",
    ),
    "train": Command(
        "fen DIR --bands N [--teacher FILE] --out DIR [--resume] [-p key=value]...\n"
        "                       [--device auto|cpu|cuda|mps] [--seed N] [--json]",
        "Train the feature enhancement network on background cubes; Ctrl+C leaves a checkpoint to go on from.",
        "  hadviewer train fen background --bands 100 --out weights/100bands\n"
        "  hadviewer train fen background --bands 100 --out weights/100bands --resume\n"
        "  hadviewer train fen background --bands 50 --teacher wide_resnet101_2-32ee1156.pth -p epochs=30 --out fen50",
        _train,
        "hadviewer.cli.training:train",
    ),
    "trust": Command(
        "DIR|FILE... [--withdraw] [--json]",
        "Allow weights that are programs (TorchScript) to run, these very files only.",
        "  hadviewer trust FERD/aviris/200bands\n  hadviewer trust FERD/aviris --withdraw",
        _trust,
        "hadviewer.cli.training:trust",
    ),
    "demo": Command(
        "--out DIR [--json]",
        "Write the demo scene: an ENVI cube and its truth, two files each.",
        "  hadviewer demo --out demo",
        _demo,
        "hadviewer.cli.commands:demo",
    ),
}


def given(namespace: argparse.Namespace, names: tuple[str, ...]) -> list[str]:
    """Those of ``names`` that the user typed."""
    values: dict[str, Any] = vars(namespace)
    return [name for name in names if values[name] is not None]
