"""Tables of pictures: style mixing, truncation, interpolation, neighbours, latents. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.base.control import number_text
from core.request import Latent, RenderRequest, SeedPoint, StyleSource

MAX_ENTRIES = 64  # of ws
MOST_CELLS = 10_000
GAP = 2  # pixels between the cells of a sheet

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Cell:
    """A picture of a table: its place, its request, and what it is called in a file name."""

    row: int
    column: int
    request: RenderRequest
    name: str
    is_header: bool = False
    title: str = ""  # what it is called on the shelf; "": by its latent


@dataclass(frozen=True)
class Table:
    """Cells in the order in which they are best rendered: headers first, then row by row."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    row_labels: tuple[str, ...] = ()  # one a row, or none
    column_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """A latent and what stands for it in file names."""

    latent: Latent
    name: str

    @staticmethod
    def seed(seed: int) -> Named:
        return Named(SeedPoint(float(seed)), str(seed))


def mixing(base: RenderRequest, rows: Sequence[Named], columns: Sequence[Named], layers: Iterable[int]) -> Table:
    """The style-mixing table of Karras et al. 2019, figure 3: a cell is its row with `layers` of its column.

    The first row and column are headers. What `base` says of sources is left out.
    """
    chosen = frozenset(layers)
    parts = tuple(float(i in chosen) for i in range(max(chosen, default=-1) + 1))
    base = replace(base, sources=())
    heads = [Cell(0, j, replace(base, latent=c.latent), f"column-{c.name}", True) for j, c in enumerate(columns, 1)]
    heads += [Cell(i, 0, replace(base, latent=r.latent), f"row-{r.name}", True) for i, r in enumerate(rows, 1)]
    cells = [
        Cell(
            i,
            j,
            replace(base, latent=row.latent, sources=(StyleSource(column.latent, parts=parts),)),
            f"{row.name}-{column.name}",
        )
        for i, row in enumerate(rows, 1)
        for j, column in enumerate(columns, 1)
    ]
    labels = (("", *(named.name for named in side)) for side in (rows, columns))
    return Table(len(rows) + 1, len(columns) + 1, (*heads, *cells), *labels)


def truncations(base: RenderRequest, low: float, high: float, count: int) -> Table:
    """psi from low to high in equal steps."""
    psis = [low + (high - low) * i / max(1, count - 1) for i in range(count)]
    truncation = base.truncation
    requests = (replace(base, truncation=replace(truncation, psi=psi)) for psi in psis)
    return _strip(requests, [number_text(psi, "%.2f") for psi in psis], "Psi")


def between(base: RenderRequest, end: Latent, count: int) -> Table:
    """From the latent of `base` to another, in equal steps in W."""
    parts = (1.0,) * MAX_ENTRIES
    steps = [i / max(1, count - 1) for i in range(count)]
    requests = (replace(base, sources=(*base.sources, StyleSource(end, fraction=step, parts=parts))) for step in steps)
    return _strip(requests, [f"{100 * step:.0f} %" for step in steps])


def neighbours(base: RenderRequest, rows: int, columns: int, step: float = 1.0) -> Table:
    """The pictures around the point of the seed map that `base` is at, which is the one in the middle."""
    point = base.latent if isinstance(base.latent, SeedPoint) else SeedPoint()
    return region(base, point.x - columns // 2 * step, point.y - rows // 2 * step, rows, columns, step)


def region(base: RenderRequest, left: float, top: float, rows: int, columns: int, step: float = 1.0) -> Table:
    """A part of the seed map from its upper left point on."""
    cells = []
    for i in range(rows):
        for j in range(columns):
            at = SeedPoint(left + j * step, top + i * step)
            cells.append(Cell(i, j, replace(base, latent=at), f"{at.x:g},{at.y:g}"))
    across, down = ([number_text(start + i * step, "%g") for i in range(count)]
                    for start, count in ((left, columns), (top, rows)))  # fmt: skip
    return Table(rows, columns, tuple(cells), tuple(down), tuple(across))


def gallery(base: RenderRequest, latents: Sequence[Named], columns: int = 0) -> Table:
    """The pictures of latents, row by row. columns: 0 for about as many as rows."""
    columns = columns or about_square(len(latents))
    requests, names = [replace(base, latent=each.latent) for each in latents], [each.name for each in latents]
    table = collection(requests, names, columns)
    rows = [latents[i : i + columns] for i in range(0, len(latents), columns)]
    labels = tuple(row[0].name if len(row) == 1 else f"{row[0].name} … {row[-1].name}" for row in rows)
    return replace(table, row_labels=labels)


def collection(requests: Sequence[RenderRequest], names: Sequence[str], columns: int = 0, title: str = "") -> Table:
    """Any requests, row by row. title: on the shelf, before their numbers; "": by their latents."""
    columns = columns or about_square(len(requests))
    cells = (
        Cell(i // columns, i % columns, request, name, title=f"{title} {i + 1}" if title else "")
        for i, (request, name) in enumerate(zip(requests, names, strict=True))
    )
    return Table((len(requests) - 1) // columns + 1, min(columns, len(requests)), tuple(cells))


def about_square(count: int) -> int:
    """The columns of so many cells in about as many rows."""
    return max(1, math.isqrt(max(0, count - 1)) + 1)


def _strip(requests: Iterable[RenderRequest], labels: Sequence[str], what: str = "") -> Table:
    cells = tuple(Cell(0, i, request, str(i)) for i, request in enumerate(requests))
    return Table(1, len(cells), cells, (what,), tuple(labels))


def sheet(table: Table, pictures: Callable[[Cell], Pixels | None], *, background: int = 255) -> Pixels:
    """The table as one picture. What is not there yet, and the corner between the headers, is background.

    The cells are as large as the largest picture; a smaller one lies in the middle of its cell.
    """
    found = [(cell, pixels) for cell in table.cells if (pixels := pictures(cell)) is not None]
    height, width, channels = np.max([pixels.shape for _, pixels in found], axis=0).tolist() if found else (1, 1, 3)
    whole = np.full(
        (table.rows * (height + GAP) - GAP, table.columns * (width + GAP) - GAP, channels), background, np.uint8
    )
    for cell, pixels in found:
        h, w = pixels.shape[:2]
        y, x = cell.row * (height + GAP) + (height - h) // 2, cell.column * (width + GAP) + (width - w) // 2
        whole[y : y + h, x : x + w] = pixels
    return whole
