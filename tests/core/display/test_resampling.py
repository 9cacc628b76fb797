"""Band-limited translation and rotation, against slow sums in float64 and against pictures that can be computed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from core.display.resampling import pseudo_rotate, resample, rotate, rotation, translate, translate_whole
from core.request import IDENTITY, Matrix

Array = npt.NDArray[np.float64]

GOLDEN = Path(__file__).parent.parent.parent / "golden"

ANGLES = (0.0, 0.3, -math.pi / 4, 2.5, math.pi / 2)
MATRICES: dict[str, Matrix] = {
    **{f"turned by {angle:.2f}": rotation(angle) for angle in ANGLES},
    "moved": (1.0, 0.0, 0.12, 0.0, 1.0, -0.07),
    "moved, turned, sheared and shrunk": (0.8, 0.3, -0.05, -0.2, 0.9, 0.11),
}


def picture(n: int = 1, c: int = 2, h: int = 22, w: int = 19) -> Tensor:
    return torch.randn(n, c, h, w, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def waves(matrix: Matrix = IDENTITY, *, top: float = 0.1, h: int = 48, w: int = 40) -> Tensor:
    """Many waves of up to `top` cycles a pixel, seen at matrix p instead of p in picture heights, [1, 1, h, w]."""
    random = np.random.RandomState(5)
    radius, angle, phase = np.sqrt(random.rand(20)) * top * h, *random.rand(2, 20) * 2 * np.pi
    a, b, move_x, c, d, move_y = matrix
    x, y = (np.arange(w)[None, :] - (w - 1) / 2) / h, (np.arange(h)[:, None] - (h - 1) / 2) / h
    at_x, at_y = a * x + b * y + move_x, c * x + d * y + move_y
    swing = at_x[..., None] * radius * np.cos(angle) + at_y[..., None] * radius * np.sin(angle)
    return torch.from_numpy(np.sin(2 * np.pi * swing + phase).mean(axis=2))[None, None]


def worst(actual: Tensor, expected: Tensor, mask: Tensor) -> float:
    """The largest difference where the mask is set, which is somewhere."""
    assert mask.sum() > 100
    return float(((actual - expected).abs() * mask).max())


# ----------------------------------------------------------------------------
# The formulas again, slowly.


def sinc(x: float | Array) -> Array:
    nonzero = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, np.sin(np.pi * nonzero) / (np.pi * nonzero))


def lanczos(x: Array) -> Array:
    return sinc(x / 3) * (np.abs(x) < 3)


def slow_translation(source: Array, shift: float) -> tuple[Array, Array]:
    """A row moved by `shift`, and its mask."""
    whole = math.floor(shift)
    weights = {k: sinc(k - (shift - whole)) * sinc((k - (shift - whole)) / 3) for k in range(-2, 4)}
    total = sum(weights.values())
    moved, mask = np.zeros(len(source)), np.ones(len(source))
    for n in range(len(source)):
        for k, weight in weights.items():
            if 0 <= n - whole - k < len(source):
                moved[n] += weight / total * source[n - whole - k]
            else:
                mask[n] = 0
    return moved, mask


def slow_filter(matrix: Matrix, up: int) -> Array:
    """[12 up - 1, 12 up - 1], each sub-pixel position with the sum 1."""
    size, half, keep = 128 * up - 1, 64 * up - 1, 6 * up - 1
    line = (np.arange(size) - half) / up
    distances = np.arange(-keep, keep + 1)[:, None] + half - np.arange(size)[None, :]
    wrapped = (distances + half) % size - half
    x, y = np.meshgrid(line, line)
    out_x, out_y = matrix[0] * x + matrix[1] * y, matrix[3] * x + matrix[4] * y
    taps = np.ones((2 * keep + 1, 2 * keep + 1))
    for curve in (sinc, lanczos):
        along = curve(wrapped / up)  # of the grid before; it convolves a row or a column
        taps *= along @ (curve(out_x) * curve(out_y)) @ along.T
    for i in range(up):
        for j in range(up):
            taps[i::up, j::up] /= taps[i::up, j::up].sum()
    return taps


def slow_resampling(source: Array, matrix: Matrix) -> tuple[Array, Array]:
    """A picture [h, w] and its mask."""
    taps, (h, w) = slow_filter(matrix, 4), source.shape
    p = len(taps) // 2
    # Each sample stands in the middle of its four.
    fine = np.zeros((4 * h + 2 * p, 4 * w + 2 * p))
    for i in range(h):
        for j in range(w):
            fine[4 * i + 2 : 4 * i + 2 + len(taps), 4 * j + 2 : 4 * j + 2 + len(taps)] += source[i, j] * taps
    inner = np.zeros_like(fine)
    inner[2 * p + 1 : -(2 * p + 1), 2 * p + 1 : -(2 * p + 1)] = 1
    inverse = np.linalg.inv([matrix[:3], matrix[3:], (0, 0, 1)])
    moved, mask = np.zeros((h, w)), np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            x, y, _ = inverse @ ((j - (w - 1) / 2) / h, (i - (h - 1) / 2) / h, 1)
            row, column = (4 * (y * h + (h - 1) / 2) + p + 2, 4 * (x * h + (w - 1) / 2) + p + 2)
            moved[i, j] = bilinear(fine, row, column)
            mask[i, j] = value(inner, round(row), round(column))
    return moved, mask


def value(image: Array, row: int, column: int) -> float:
    inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
    return float(image[row, column]) if inside else 0.0


def bilinear(image: Array, row: float, column: float) -> float:
    top, left = math.floor(row), math.floor(column)
    down, right = row - top, column - left
    above = (1 - right) * value(image, top, left) + right * value(image, top, left + 1)
    below = (1 - right) * value(image, top + 1, left) + right * value(image, top + 1, left + 1)
    return (1 - down) * above + down * below


# ----------------------------------------------------------------------------
# Translation.


@pytest.mark.parametrize(("x", "y"), [(0, 0), (3, -5), (-18, 21)])
def test_a_move_by_whole_pixels_brings_zeros(x, y):
    source = picture()
    moved, mask = translate_whole(source, x, y)
    for i in range(22):
        for j in range(19):
            inside = 0 <= i - y < 22 and 0 <= j - x < 19
            assert mask[i, j] == inside
            assert bool((moved[0, :, i, j] == (source[0, :, i - y, j - x] if inside else 0)).all())


@pytest.mark.parametrize(("x", "y"), [(21, 0), (0, -25), (-400, 3)])
def test_a_move_out_of_sight_leaves_nothing(x, y):
    for move in (translate, translate_whole):
        moved, mask = move(picture(), x, y)
        assert moved.shape == (1, 2, 22, 19)
        assert not moved.any()
        assert not mask.any()


@pytest.mark.parametrize(
    ("x", "y"), [(0.0, 0.0), (2.4, -3.7), (-0.01, 5.5), (17.9, -16.2), (-18.9, 0.5), (0.5, -24), (20.9, 1)]
)
def test_a_move_by_fractions_is_a_lanczos_filter(x, y):
    moved, mask = translate(picture(), x, y)
    wanted = np.stack([[slow_translation(row, x)[0] for row in channel] for channel in picture()[0].numpy()])
    wanted = np.apply_along_axis(lambda column: slow_translation(column, y)[0], 1, wanted)
    assert np.allclose(moved[0].numpy(), wanted, atol=1e-12)
    columns, rows = slow_translation(np.zeros(19), x)[1], slow_translation(np.zeros(22), y)[1]
    assert np.array_equal(mask.numpy(), np.outer(rows, columns))


def test_a_move_by_fractions_that_is_whole_moves_whole_pixels():
    moved, mask = translate(picture(), 3.0, -2.0)
    assert worst(moved, translate_whole(picture(), 3, -2).picture, mask) < 1e-12


@pytest.mark.parametrize(("x", "y"), [(3.3, -5.6), (-0.5, 0.5), (6.9, 2.0)])
def test_a_moved_picture_of_waves_is_the_picture_of_moved_waves(x, y):
    moved, mask = translate(waves(), x, y)
    expected = waves((1, 0, -x / 48, 0, 1, -y / 48))
    assert worst(moved, expected, mask) < 0.005
    assert worst(waves(), expected, mask) > 0.08


# ----------------------------------------------------------------------------
# Rotation, and any other matrix.


@pytest.mark.parametrize("name", MATRICES)
def test_resampling_is_the_sum_of_all_taps(name):
    source = picture(c=1)
    moved, mask = resample(source, MATRICES[name])
    wanted, valid = slow_resampling(source[0, 0].numpy(), MATRICES[name])
    assert np.allclose(moved[0, 0].numpy(), wanted, atol=1e-10)
    assert np.array_equal(mask.numpy(), valid)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_pseudo_rotation_is_the_sum_of_all_taps(angle):
    source = picture(c=1)
    filtered, mask = pseudo_rotate(source, angle)
    taps, padded = slow_filter(rotation(-angle), 1), np.pad(source[0, 0].numpy(), 5)
    wanted = [[(padded[i : i + 11, j : j + 11] * taps).sum() for j in range(19)] for i in range(22)]
    assert np.allclose(filtered[0, 0].numpy(), wanted, atol=1e-10)
    assert np.array_equal(mask.numpy(), np.pad(np.ones((12, 9)), 5))


@pytest.mark.parametrize("angle", [0.7, -2.2, math.pi / 2])
def test_a_turned_picture_of_waves_is_the_picture_of_turned_waves(angle):
    turned, mask = rotate(waves(), angle)
    expected = waves(rotation(-angle))
    assert worst(turned, expected, mask) < 0.005
    filtered, inner = pseudo_rotate(expected, angle)
    assert worst(turned, filtered, mask * inner) < 0.005
    assert worst(waves(), expected, mask) > 0.08


def test_a_quarter_turn_is_anticlockwise():
    source = picture(h=32, w=32)
    turned, mask = rotate(source, math.pi / 2)
    assert worst(turned, source.rot90(1, (2, 3)), mask) < 0.03


@pytest.mark.parametrize("name", ["translate", "rotate"])
def test_an_official_config_r_network_moves_its_picture_as_we_do(name):
    with np.load(GOLDEN / "sg3r-64.expected.npz", allow_pickle=False) as recorded:
        still, moved = (torch.from_numpy(recorded[f"img_{key}"]) for key in ("identity", name))
        inverse = np.linalg.inv(recorded[f"transform_{name}"])
    a, b, x, c, d, y = inverse[:2].reshape(-1).tolist()
    expected, mask = resample(still, (a, b, x, c, d, y))
    assert worst(expected, moved, mask) < 0.005
    if name == "translate":
        expected, mask = translate(still, x * 64, y * 64)
        assert worst(expected, moved, mask) < 0.005
    assert worst(still, moved, mask) > 0.5


def test_a_picture_is_resampled_alike_in_float32_and_in_a_batch():
    source = picture(n=2)
    for move in (lambda x: translate(x, 1.4, -2.8), lambda x: rotate(x, 0.6), lambda x: pseudo_rotate(x, 0.6)):
        moved, mask = move(source.float())
        assert (moved.dtype, mask.dtype, mask.shape) == (torch.float32, torch.float32, (22, 19))
        for i in range(2):
            assert torch.allclose(moved[i], move(source[i : i + 1]).picture[0].float(), atol=2e-5)


@pytest.mark.parametrize("matrix", [(1, 2, 0, 2, 4, 0), (math.nan, 0, 0, 0, 1, 0), (1, 0, math.inf, 0, 1, 0)])
def test_a_matrix_without_inverse_is_named(matrix):
    with pytest.raises(ValueError, match="has no inverse"):
        resample(picture(), matrix)
