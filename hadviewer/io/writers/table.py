"""Tables as comma-separated text, for ROC curves and lists of objects."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hadviewer.io.atomic import replacing


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], comment: str = "") -> Path:
    """Write a table in UTF-8 with decimal points; ``comment`` goes above the header, each line after '# '."""
    with replacing(path) as (part,), part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in comment.splitlines())
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
    return path
