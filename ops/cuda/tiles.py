"""How filtered_lrelu's kernel is specialised: the geometry of a call, and the tile of the result for a block."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

from torch import Tensor

from ..base.calls import FilteredLrelu
from ..base.geometry import filter_size
from .device import DEFAULT_SHARED_BYTES
from .kernel import Kernel
from .tensors import TYPES

RUN_UP = 8  # samples that a thread computes along a filter, as in filtered_lrelu.cu
TILE_EDGES = (8, 16, 24, 32)
MAX_SHARED_BYTES = 64 * 2**10  # that every GPU from compute capability 7.5 on gives if it is asked


@dataclass(frozen=True)
class Axis:
    """One axis of a call: sampling factors, taps, padding."""

    up: int
    down: int
    up_taps: int
    down_taps: int
    before: int
    after: int

    @property
    def phase(self) -> int:
        return self.before % self.up

    def out_size(self, in_size: int) -> int:
        """Raises ValueError if nothing is left."""
        high = in_size * self.up + self.before + self.after - (self.up_taps - 1)  # samples at the high rate
        if high < 1 or high < self.down_taps:
            raise ValueError(f"the padding {self.before}, {self.after} leaves less of {in_size} than the filters cover")
        return (high - self.down_taps) // self.down + 1

    def high_size(self, tile: int) -> int:
        """Samples at the high rate below `tile` samples of the result, in whole runs."""
        return -(-((tile - 1) * self.down + self.down_taps) // RUN_UP) * RUN_UP

    def in_size(self, tile: int) -> int:
        """Samples of x below `tile` samples of the result."""
        last_run = (self.up_taps - 1 + RUN_UP - 1 - self.phase) // self.up + 1
        return (self.high_size(tile) - RUN_UP) // self.up + last_run


@dataclass(frozen=True)
class Tile:
    """Samples of the result that a block computes, and how many tiles cover the picture."""

    width: int
    height: int
    columns: int
    rows: int

    @property
    def count(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True)
class Shape:
    """What a kernel is specialised for, besides its tile."""

    x: Axis
    y: Axis
    radial: bool

    @classmethod
    def of(cls, call: FilteredLrelu) -> Shape:
        up, down, padding = call.up, call.down, call.padding
        up_taps, down_taps = filter_size(call.fu), filter_size(call.fd)
        x, y = (Axis(up[i], down[i], up_taps[i], down_taps[i], padding[2 * i], padding[2 * i + 1]) for i in range(2))
        return cls(x, y, radial=call.fd is not None and call.fd.ndim == 2)

    def out_size(self, height: int, width: int) -> tuple[int, int]:
        """Raises ValueError if nothing is left."""
        return self.y.out_size(height), self.x.out_size(width)

    def shared_floats(self, width: int, height: int) -> int:
        """The same sum as in filtered_lrelu.cu, which asserts that it is."""
        in_width, in_height = self.x.in_size(width), self.y.in_size(height)
        high_width, high_height = self.x.high_size(width), self.y.high_size(height)
        even = max(in_height * (in_width | 1), high_height * (high_width | 1))
        odd = max(in_height * (high_width | 1), 0 if self.radial else high_height * (width | 1))
        taps = self.x.down_taps * (self.y.down_taps if self.radial else 1)
        return self.x.up_taps + taps + even + odd

    def work(self, width: int, height: int) -> int:
        """Multiplications for a tile, and the samples that it reads."""
        in_width, in_height = self.x.in_size(width), self.y.in_size(height)
        high_width, high_height = self.x.high_size(width), self.y.high_size(height)
        up = (
            in_height * high_width * self.x.up_taps // self.x.up
            + high_height * high_width * self.y.up_taps // self.y.up
        )
        if self.radial:
            return in_width * in_height + up + width * height * self.x.down_taps * self.y.down_taps
        down = high_height * width * self.x.down_taps + width * height * self.y.down_taps
        return in_width * in_height + up + down

    @functools.cache  # noqa: B019 - a network has a handful of shapes
    def best_tile(self, out_height: int, out_width: int) -> Tile:
        """The tile with the least work for the whole picture that fits the shared memory."""
        tiles = [
            Tile(width, height, -(-out_width // width), -(-out_height // height))
            for width, height in itertools.product(TILE_EDGES, repeat=2)
        ]
        for limit in (DEFAULT_SHARED_BYTES, MAX_SHARED_BYTES):
            fitting = [tile for tile in tiles if 4 * self.shared_floats(tile.width, tile.height) <= limit]
            if fitting:
                return min(fitting, key=lambda tile: (tile.count * self.work(tile.width, tile.height), tile.width))
        raise AssertionError("the smallest tile fits with any filter of up to MAX_TAPS")

    def kernel(self, x: Tensor, tile: Tile) -> Kernel:
        shared = self.shared_floats(tile.width, tile.height)
        return Kernel.of(
            "filtered_lrelu",
            {
                "TYPE": TYPES[x.dtype],
                **{"UP_X": self.x.up, "UP_Y": self.y.up, "DOWN_X": self.x.down, "DOWN_Y": self.y.down},
                **{"TAPS_UP": self.x.up_taps, "TAPS_DOWN_X": self.x.down_taps, "TAPS_DOWN_Y": self.y.down_taps},
                **{"PHASE_X": self.x.phase, "PHASE_Y": self.y.phase, "RADIAL": int(self.radial)},
                **{"TILE_X": tile.width, "TILE_Y": tile.height, "SHARED": shared},
            },
            shared_bytes=4 * shared,
        )
