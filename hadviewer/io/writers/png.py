"""PNG: a picture of a result, for reports and slides. Its values are colours, not data."""

from pathlib import Path

import numpy as np

from hadviewer import __version__
from hadviewer.core.geo import Georeference
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._geo import georeference, well_known_text
from hadviewer.io.writers._products import target_path


@writer(
    id="png_map",
    title="PNG with world file",
    extension="_map.png",
    products=("overlay",),
    placed=("_map.pgw", "_map.prj"),
)
def write_png_map(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Coloured scores, a pixel for each of the scene, to lay over maps: with world file and coordinate system.

    Pixels without a score are transparent.
    """
    return _write(folder, stem, product, "_map")


@writer(id="png", title="PNG picture", extension=".png", products=("picture",))
def write_png(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Picture with title and colour bar, for reports and slides."""
    return _write(folder, stem, product)


def _write(folder: Path, stem: str, product: MapProduct, mark: str = "") -> list[Path]:
    """The picture; with a world file when the source has map coordinates and nothing is drawn around it."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    fields = PngInfo()
    fields.add_itxt("Title", product.title)
    fields.add_itxt("Description", product.description)
    fields.add_itxt("Comment", "The values of this picture are display colours, not data.")
    fields.add_itxt("Software", f"hadviewer {__version__}")
    contents: dict[Path, bytes] = {}
    world = _world_file(product)
    if world:
        contents[folder / f"{stem}{mark}.pgw"] = world.encode("ascii")
        assert product.cube is not None
        assert product.cube.geo is not None
        if text := well_known_text(product.cube.geo.crs):
            contents[folder / f"{stem}{mark}.prj"] = text.encode("utf-8")
    target = target_path(folder, stem, f"{mark}.png", product)
    with replacing(*contents, target) as parts:
        for part, content in zip(parts, contents.values(), strict=False):
            part.write_bytes(content)
        with parts[-1].open("wb") as file:
            Image.fromarray(np.ascontiguousarray(product.array, dtype=np.uint8)).save(file, "PNG", pnginfo=fields)
    return [target, *contents]


def _world_file(product: MapProduct) -> str:
    """The six lines that place a picture of exactly the scene, '' for any other."""
    geo = georeference(product)
    if not isinstance(geo, Georeference) or product.cube is None:
        return ""
    shape = product.window.shape if product.window is not None else product.cube.shape[:2]
    if product.array.shape[:2] != shape:
        return ""
    _, dx_col, dx_row, _, dy_col, dy_row = geo.affine
    return "".join(f"{value!r}\n" for value in (dx_col, dy_col, dx_row, dy_row, *geo.position(0.5, 0.5)))
