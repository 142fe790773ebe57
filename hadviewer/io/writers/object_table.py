"""Objects as a table: comma-separated text with a row for each."""

from pathlib import Path

from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import features_of
from hadviewer.io.writers.table import write_csv


@writer(id="csv", title="Table (CSV)", extension=".csv", products=("objects",))
def write_object_table(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as rows of a table: size, scores and place of each; rows and columns of pixels count from 0."""
    table = features_of(product)
    meanings = "; ".join(f"{attribute.name}: {attribute.about}" for attribute in table.attributes)
    header = [attribute.name for attribute in table.attributes]
    rows = (["" if value is None else value for value in row] for row in table.rows)
    target = target_path(folder, stem, ".csv", product)
    return [write_csv(target, header, rows, f"{table.about}\n{meanings}")]
