"""What the benchmark of speed reports: a table for people, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MIB = 1 << 20


@dataclass(frozen=True)
class Compared:
    """A network the plain way, ours, and its floor. Times are medians of the synthesis alone, in seconds."""

    network: str
    plain_s: float
    ours_s: float
    ours_x: float  # times as fast as the plain way
    floor_s: float
    quotient: float  # ours over the floor
    error: float  # max |difference| from the plain picture, of max(1, max |plain picture|)
    fast_s: float | None  # None: this device has no fast precision
    fast_x: float | None
    fast_floor_s: float  # in bfloat16
    fast_quotient: float | None
    fast_error: float | None
    peak_mib: float | None  # resident, of a process that makes the network and two frames
    fast_peak_mib: float | None
    plain_peak_mib: float | None


@dataclass(frozen=True)
class Scaled:
    """A network at one resolution, batch size or number of threads."""

    network: str
    batch: int
    threads: int
    s: float  # of the batch
    ns_per_pixel: float
    ps_per_multiply_add: float  # of the convolutions: what is left when wider and narrower layers count as they are
    quotient: float  # over the floor of as many pictures with as many threads


@dataclass(frozen=True)
class Peer:
    """A network compiled by OpenVINO, and ours beside it."""

    network: str
    precision: str
    openvino_s: float
    compiling_s: float
    error: float  # as above
    ours_s: float | None  # None: this device does not have the precision
    ours_x: float | None  # times as fast as the peer


class Report:
    """Sections of rows, written as JSON after each row, so that a run that is stopped leaves what it has."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._sections: dict[str, list[DataclassInstance]] = {}

    def add(self, section: str, row: DataclassInstance) -> None:
        self._sections.setdefault(section, []).append(row)
        if self._path is not None:
            sections = {name: [asdict(row) for row in rows] for name, rows in self._sections.items()}
            self._path.write_text(json.dumps({"machine": machine(), **sections}, indent=2) + "\n")

    def text(self) -> str:
        tables = (f"{name}\n{table(rows)}" for name, rows in self._sections.items())
        return "\n\n".join((", ".join(f"{name} {value}" for name, value in machine().items()), *tables))


def machine() -> dict[str, object]:
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(rows: Sequence[DataclassInstance]) -> str:
    """One column a field. rows: at least one, all of one kind."""
    names = [field.name for field in fields(rows[0])]
    lines = [names, *([_shown(getattr(row, name)) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)


def _shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)
