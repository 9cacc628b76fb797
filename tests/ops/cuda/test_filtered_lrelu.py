"""filtered_lrelu's CUDA kernel, run on the host: the values of the reference with any filter, factor and size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from ops.base.calls import FilteredLrelu
from ops.base.geometry import filter_size
from ops.cuda import filtered_lrelu
from ops.filtered_lrelu import filtered_lrelu as reference_filtered_lrelu

from .emulation.cases import SIZES, TYPES, Case, check_all, double, drawn, taps
from .emulation.emulator import COMPILER, Emulator

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here to run CUDA kernels on the host")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    return Emulator(tmp_path_factory.mktemp("kernels"))


def filtered_lrelu_case(
    size: tuple[int, int],
    up: tuple[int, int],
    down: tuple[int, int],
    fu: Tensor | None,
    fd: Tensor | None,
    padding: tuple[int, int, int, int],
    *,
    dtype: torch.dtype = torch.float32,
    channels_last: bool = False,
    flip: bool = False,
    biased: bool = True,
) -> Case:
    x = drawn(2, 2, *size, dtype=dtype, channels_last=channels_last)
    b = drawn(2, seed=1) if biased else None
    expected = reference_filtered_lrelu(
        x.double(),
        fu=double(fu),
        fd=double(fd),
        b=double(b),
        up=up,
        down=down,
        padding=padding,
        gain=1.3,
        slope=0.3,
        clamp=0.8,
        flip_filter=flip,
    )
    name = f"{size} {padding} {dtype} {channels_last=} {flip=} {biased=}"
    call = FilteredLrelu(x, fu, fd, b, up, down, padding, 1.3, 0.3, 0.8, flip)
    return Case.of(name, expected, filtered_lrelu.prepare, call)


FILTERED_LRELU_SHAPES = (
    ((2, 2), (2, 2), (12,), (12,)),
    ((4, 4), (2, 2), (24,), (12,)),
    ((2, 2), (2, 2), (12,), (12, 12)),
    ((4, 4), (4, 4), (24,), (24, 24)),
    ((2, 2), (4, 4), (11,), (23,)),
    ((4, 4), (1, 1), (6,), (3,)),
    ((2, 4), (1, 2), (8,), (5, 7)),
    ((4, 1), (4, 2), (3,), (6,)),
    ((1, 1), (1, 1), (32,), (32,)),
    ((1, 1), (4, 4), (2,), (32,)),
    ((2, 2), (1, 1), (12,), ()),
    ((1, 1), (2, 2), (), (12,)),
    ((4, 4), (2, 2), (), (1,)),
    ((1, 1), (1, 1), (), ()),
)


@pytest.mark.parametrize(("up", "down", "up_shape", "down_shape"), FILTERED_LRELU_SHAPES)
def test_filtered_lrelu(
    emulator: Emulator,
    up: tuple[int, int],
    down: tuple[int, int],
    up_shape: tuple[int, ...],
    down_shape: tuple[int, ...],
) -> None:
    fu, fd = taps(*up_shape), taps(*down_shape)
    (up_x, up_y), (down_x, down_y) = filter_size(fu), filter_size(fd)
    x0, y0 = (up_x + down_x) // 2, (up_y + down_y) // 2  # about the same size at the high rate
    around = (x0, up_x + down_x - 2 - x0 + down[0], y0, up_y + down_y - 2 - y0 + down[1])
    crop = (-1, x0 + up_x + down_x, y0 + up_y + down_y, -1)

    def cases() -> Iterator[Case]:
        for i, (size, padding) in enumerate(itertools.product(SIZES, (around, crop))):
            yield filtered_lrelu_case(
                size, up, down, fu, fd, padding, channels_last=i % 3 == 1, flip=i % 2 == 1, biased=i % 4 != 3
            )

    check_all(emulator, cases())


@pytest.mark.parametrize("factor", [2, 4])
def test_filtered_lrelu_with_any_phase_of_the_padding(emulator: Emulator, factor: int) -> None:
    fu, fd = taps(3 * factor), taps(5)
    around = [(12 + i, 14, 13 + i, 12) for i in range(factor)]
    check_all(emulator, (filtered_lrelu_case((5, 6), (factor,) * 2, (1, 1), fu, fd, sides) for sides in around))


@pytest.mark.parametrize("radial", [False, True])
def test_filtered_lrelu_at_the_edges_of_tiles(emulator: Emulator, radial: bool) -> None:
    fu, fd = taps(12), taps(12, 12) if radial else taps(12)
    sizes = ((32, 8), (33, 40), (9, 32), (64, 31))  # of the result too: 22 more before the filters of 12 taps
    check_all(emulator, (filtered_lrelu_case(size, (2, 2), (2, 2), fu, fd, (11, 11, 11, 11)) for size in sizes))


def test_filtered_lrelu_in_half_precision(emulator: Emulator) -> None:
    fu, fd, padding = taps(12), taps(12), (11, 11, 11, 11)
    options = itertools.product(TYPES[1:], (False, True))
    check_all(
        emulator,
        (
            filtered_lrelu_case((17, 15), (2, 2), (2, 2), fu, fd, padding, dtype=dtype, channels_last=channels_last)
            for dtype, channels_last in options
        ),
    )
