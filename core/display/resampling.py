"""Moving and turning pictures with all the detail that their pixels can hold (Karras et al. 2021, appendix E)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from core.request import Matrix
from ops.upfirdn2d import upfirdn2d

LANCZOS = 3  # half-width a of the Lanczos windows, pixels
SUPPORT = 2 * LANCZOS  # of the band-limiting filter, pixels to each side
EXTENT = 64  # of the plane on which that filter is computed, pixels to each side
OVERSAMPLING = 4  # samples a pixel between which a turned picture is interpolated linearly

Array: TypeAlias = npt.NDArray[np.float64]


class Resampled(NamedTuple):
    """A picture that was moved, and the pixels that owe nothing to what lies outside of the source."""

    picture: Tensor  # [N, C, H, W]
    mask: Tensor  # [H, W], 1 where the picture is valid, else 0


def translate_whole(picture: Tensor, x: int, y: int) -> Resampled:
    """Move by x pixels to the right and y down; zeros come in. picture: [N, C, H, W]"""
    h, w = picture.shape[2:]
    if abs(x) >= w or abs(y) >= h:
        return _nothing(picture)
    mask = picture.new_ones(h, w)
    return Resampled(*(F.pad(image, (x, -x, y, -y)) for image in (picture, mask)))


def translate(picture: Tensor, x: float, y: float) -> Resampled:
    """Move by x pixels to the right and y down with a Lanczos filter of 2a taps. picture: [N, C, H, W]

    The mask loses a or a - 1 pixels at each side, besides what moved in.
    """
    h, w = picture.shape[2:]
    (whole_x, taps_x), (whole_y, taps_y) = (_lanczos_taps(shift) for shift in (x, y))
    before, after = LANCZOS, LANCZOS - 1  # taps around the place where a pixel comes from
    if whole_x not in range(-after - w, after + w) or whole_y not in range(-after - h, after + h):
        return _nothing(picture)
    # A padding that shifts too: what it adds on one side, it lacks on the other.
    moved = _exact(picture)
    moved = upfirdn2d(moved, _like(moved, taps_x[None, :]), padding=(before + whole_x, after - whole_x, 0, 0))
    moved = upfirdn2d(moved, _like(moved, taps_y[:, None]), padding=(0, 0, before + whole_y, after - whole_y))
    mask = picture.new_zeros(h, w)
    columns = slice(max(whole_x + before, 0), max(min(whole_x - after, 0) + w, 0))
    rows = slice(max(whole_y + before, 0), max(min(whole_y - after, 0) + h, 0))
    mask[rows, columns] = 1
    return Resampled(moved.to(picture.dtype), mask)


def rotate(picture: Tensor, angle: float) -> Resampled:
    """Turn anticlockwise by `angle` radians around the centre, as `resample` does. picture: [N, C, H, W]"""
    return resample(picture, rotation(angle))


def resample(picture: Tensor, matrix: Matrix) -> Resampled:
    """Send each point p of the picture to matrix p, keeping what both pixel grids can hold. picture: [N, C, H, W]

    matrix: in picture heights around the centre, x to the right and y down. The picture is up-sampled with the
    band-limiting filter, and then interpolated linearly. Raises ValueError if the matrix has no inverse.
    """
    h, w = picture.shape[2:]
    x, y = (OVERSAMPLING * at for at in _source_positions(matrix, h, w))  # [H, W], 0 at the first pixel's centre
    size_x, size_y = (OVERSAMPLING * (length + 2 * SUPPORT - 1) for length in (w, h))
    first = OVERSAMPLING * SUPPORT  # where the first pixel's centre is in the up-sampled picture
    grid = np.stack([(2 * (x + first) + 1) / size_x - 1, (2 * (y + first) + 1) / size_y - 1], axis=-1)

    source = _exact(picture)
    at = _like(source, grid)[None]
    phases = _like(source, _polyphase(_bandlimit_filter(*_linear(matrix), OVERSAMPLING), OVERSAMPLING))
    turned = torch.empty_like(source)
    for i in range(len(source)):  # one after the other: up-sampled pictures are large
        turned[i : i + 1] = F.grid_sample(_upsample(source[i : i + 1], phases), at, align_corners=False)

    margin = OVERSAMPLING * SUPPORT - OVERSAMPLING // 2
    last_x, last_y = (OVERSAMPLING * (length - SUPPORT) - OVERSAMPLING // 2 - 1 for length in (w, h))
    valid = (margin <= np.rint(x)) & (np.rint(x) <= last_x) & (margin <= np.rint(y)) & (np.rint(y) <= last_y)
    return Resampled(turned.to(picture.dtype), _like(picture, valid))


def pseudo_rotate(picture: Tensor, angle: float) -> Resampled:
    """Take from a picture that was made turned what `rotate` takes from one that it turns. picture: [N, C, H, W]

    It keeps the frequencies that the pixel grids before and after can both hold. The filter has one tap a pixel, as
    published, so along the axes it amplifies frequencies above 0.2 cycles a pixel, by up to 1.8 at 45 degrees.
    """
    h, w = picture.shape[2:]
    source = _exact(picture)
    phases = _like(source, _polyphase(_bandlimit_filter(*_linear(rotation(-angle)), up=1), up=1))
    filtered = _upsample(source, phases)[:, :, SUPPORT : SUPPORT + h, SUPPORT : SUPPORT + w]
    edge = SUPPORT - 1
    mask = picture.new_zeros(h, w)
    mask[edge : max(h - edge, 0), edge : max(w - edge, 0)] = 1
    return Resampled(filtered.to(picture.dtype), mask)


def rotation(angle: float) -> Matrix:
    """The matrix that turns the points of a picture, whose y points down, anticlockwise by `angle` radians."""
    c, s = math.cos(angle), math.sin(angle)
    return (c, s, 0.0, -s, c, 0.0)


# ----------------------------------------------------------------------------
# Filters.


def _nothing(picture: Tensor) -> Resampled:
    return Resampled(torch.zeros_like(picture), picture.new_zeros(picture.shape[2:]))


def _like(tensor: Tensor, values: npt.NDArray[np.generic]) -> Tensor:
    """The values in the type and on the device of a tensor, one after the other: Metal has no float64."""
    return torch.from_numpy(np.ascontiguousarray(values)).to(tensor.dtype).to(tensor.device)


def _exact(picture: Tensor) -> Tensor:
    """float64 on CUDA, whose convolutions may round float32 to ten bits."""
    return picture.double() if picture.is_cuda else picture


def _lanczos(x: Array) -> Array:
    return np.where(np.abs(x) < LANCZOS, np.sinc(x / LANCZOS), 0.0)


def _lanczos_taps(shift: float) -> tuple[int, Array]:
    """The whole pixels of a shift, and the filter for the rest: [2a], of which entry a - 1 leaves things in place."""
    whole = math.floor(shift)
    k = np.arange(1 - LANCZOS, LANCZOS + 1) - (shift - whole)
    taps = np.sinc(k) * np.sinc(k / LANCZOS)
    return whole, taps / taps.sum()


@lru_cache(maxsize=8)
def _bandlimit_filter(a: float, b: float, c: float, d: float, up: int) -> Array:
    """The low-pass filter that a picture needs before `matrix` is applied: two sincs, one for the pixel grid of the
    source and one for that of the result, convolved; and windowed by two Lanczos windows, convolved likewise.

    a, b, c, d: the columns and rows of the matrix. `up` taps a pixel; [n, n] with n = 2 up SUPPORT - 1, not normalised.
    """
    line = np.arange(1 - up * EXTENT, up * EXTENT) / up  # pixels
    x, y = line[None, :], line[:, None]
    out_x, out_y = a * x + b * y, c * x + d * y
    ideal = _convolve(np.sinc(x) * np.sinc(y), np.sinc(out_x) * np.sinc(out_y))
    window = _convolve(_lanczos(x) * _lanczos(y), _lanczos(out_x) * _lanczos(out_y))
    cropped = slice(up * (EXTENT - SUPPORT), -up * (EXTENT - SUPPORT))
    taps: Array = (ideal * window)[cropped, cropped]
    return taps


def _linear(matrix: Matrix) -> tuple[float, float, float, float]:
    a, b, _, c, d, _ = matrix
    return a, b, c, d


def _convolve(a: Array, b: Array) -> Array:
    """Circularly; both, and the result, have their origin in the middle. [n, n], [n, n] -> [n, n], n odd"""
    product: Array = np.fft.irfft2(np.fft.rfft2(np.fft.ifftshift(a)) * np.fft.rfft2(b), s=a.shape)
    return product


def _polyphase(taps: Array, up: int) -> Array:
    """The filter of each sub-pixel position, [up², 2 SUPPORT, 2 SUPPORT], each with the sum 1."""
    width = 2 * SUPPORT
    phases: Array = np.pad(taps, ((1, 0), (1, 0))).reshape(width, up, width, up).transpose(1, 3, 0, 2)
    phases = phases.reshape(up * up, width, width)
    phases /= phases.sum(axis=(1, 2), keepdims=True)
    return phases


def _upsample(picture: Tensor, phases: Tensor) -> Tensor:
    """All that a filter makes of a picture, also beyond its edges.

    [N, C, H, W], [up², 2 SUPPORT, 2 SUPPORT] -> [N, C, up (H + 2 SUPPORT - 1), up (W + 2 SUPPORT - 1)]
    """
    n, c, h, w = picture.shape
    up = math.isqrt(len(phases))
    fine = F.conv2d(picture.reshape(n * c, 1, h, w), phases.flip(1, 2)[:, None], padding=2 * SUPPORT - 1)
    fine = F.pixel_shuffle(fine, up)
    return fine.reshape(n, c, *fine.shape[2:])


def _source_positions(matrix: Matrix, h: int, w: int) -> tuple[Array, Array]:
    """Where each pixel of the result comes from: x and y, [h, w], in pixels from the centre of the first pixel."""
    a, b, move_x, c, d, move_y = matrix
    determinant = a * d - b * c
    if determinant == 0 or not all(map(math.isfinite, matrix)):
        raise ValueError(f"the matrix {matrix} has no inverse")
    x = np.arange(w)[None, :] - (w - 1) / 2 - move_x * h
    y = np.arange(h)[:, None] - (h - 1) / 2 - move_y * h
    return (d * x - b * y) / determinant + (w - 1) / 2, (a * y - c * x) / determinant + (h - 1) / 2
