"""Which frequencies pictures and layers hold: the view of one, and the average over many.

Powers have frequency 0 at [H // 2, W // 2]. Frequencies are in cycles per picture width.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from core.base.errors import UsageError
from core.display.analysis import PlottedCurve, PlottedCurves

CPU = torch.device("cpu")
BETA = 8.0  # of the Kaiser windows
INTERPOLATION = 4  # how many times closer than one cycle the frequencies of an average lie
SMOOTHING = 1.25  # cycles: the deviation of the Gaussian over a heat map
FLOOR = 1e-30  # a power that stands for none, where infinity will not do


class Curve(NamedTuple):
    """Power along a line through the frequencies."""

    frequency: Tensor  # [K], cycles per picture width, from 0 on
    db: Tensor  # [K], -inf where there is none


class Curves(NamedTuple):
    radial: Curve  # the mean over all directions, up to the highest frequency that all have
    horizontal: Curve  # 0 degrees, up to W / 2
    diagonal: Curve  # 45 degrees, up to W / sqrt(2) in a square picture


def decibels(power: Tensor) -> Tensor:
    """-inf where there is none."""
    return 10 * power.log10()


def power_view(x: Tensor, beta: float = BETA) -> Tensor:
    """The power of all channels together relative to its mean over all frequencies. [C, H, W] -> float32 [H, W]

    A picture without differences has none: zeros. Where there is NaN or infinity, everything is NaN.
    """
    x = x.float()
    x = x - x.mean((1, 2), keepdim=True)
    h, w = x.shape[1:]
    spectrum = torch.fft.fft2(x * _kaiser(h, beta, x)[:, None] * _kaiser(w, beta, x))
    power = _centred(spectrum.abs().square().sum(0))
    mean = power.mean()
    return power / mean if float(mean) != 0 else power


def curves(power: Tensor, width: int) -> Curves:
    """Through the power of pictures that are `width` pixels wide. power: [H, W], as large or, by a factor, larger."""
    h, w = power.shape
    spacing = width / w  # cycles from column to column
    y = (torch.arange(h, device=power.device) - h // 2) * (w / h)
    x = torch.arange(w, device=power.device) - w // 2
    radius = torch.hypot(y[:, None], x.to(y.dtype)).round().long().flatten()
    sums = power.new_zeros(int(radius.max()) + 1).index_add(0, radius, power.flatten())
    radial = sums / torch.bincount(radius).to(power.dtype)
    whole = closed(power)
    steps = torch.arange(w // 2 + 1, device=power.device)
    rows = h // 2 + (steps * (h / w)).round().long().clamp(max=h // 2)
    return Curves(
        _curve(radial[: w // 2 + 1], spacing),
        _curve(whole[h // 2, w // 2 + steps], spacing),
        _curve(whole[rows, w // 2 + steps], spacing * math.sqrt(2)),
    )


def plotted(found: Curves) -> PlottedCurves:
    """As plain arrays, for those who show them."""
    parts = ((curve.frequency.cpu().numpy(), curve.db.cpu().numpy()) for curve in found)
    return PlottedCurves(*(PlottedCurve(*part) for part in parts))


def closed(power: Tensor) -> Tensor:
    """With the first row and column repeated at the end where their number is even, so that 0 is in the middle."""
    h, w = power.shape
    return F.pad(power[None, None], (0, 1 - w % 2, 0, 1 - h % 2), mode="circular")[0, 0]


class AverageSpectrum:
    """The mean power of many pictures of one size, known at every moment.

    The pictures are normalised by the mean and deviation of all their values, windowed (the energy of the window is
    1, so white noise has 0 dB everywhere), padded with zeros to INTERPOLATION times their size, and transformed.

    device: what does so; it needs float64.
    """

    def __init__(self, beta: float = BETA, *, device: torch.device = CPU) -> None:
        self.images = 0
        self._beta = beta
        self._device = device
        self._values = 0
        self._sum = self._squares = 0.0
        self._window = self._of_window = torch.zeros(0)  # [H, W], and its spectrum
        self._powers = self._spectra = torch.zeros(0)  # sums of |F|^2, and of F, over pictures and channels
        self._planes = 0
        self._padded = (0, 0)

    def add(self, pixels: npt.NDArray[np.uint8]) -> None:
        """pixels: uint8 [H, W, C]. Raises UsageError if the size is not that of the pictures before."""
        picture = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
        picture = picture.permute(2, 0, 1).double() / 255 - 0.5  # [C, H, W]
        size = picture.shape[1:]
        if not self.images:
            self._begin(size)
        elif size != self._window.shape:
            (h, w), (wanted_h, wanted_w) = size, self._window.shape
            raise UsageError(
                f"A spectrum averages pictures of one size; this one has {w} x {h} pixels, the others {wanted_w} x "
                f"{wanted_h}."
            )
        for plane in picture:
            spectrum = self._transform(plane * self._window)
            self._powers += spectrum.real.square() + spectrum.imag.square()
            self._spectra += spectrum
        self.images += 1
        self._planes += len(picture)
        self._values += picture.numel()
        self._sum += float(picture.sum())
        self._squares += float(picture.square().sum())

    @property
    def width(self) -> int:
        """Of the pictures, pixels."""
        return self._window.shape[1]

    def power(self) -> Tensor:
        """float64 [INTERPOLATION * H, INTERPOLATION * W]; zeros if no picture has any difference."""
        mean = self._sum / self._values
        variance = self._squares / self._values - mean * mean
        # The transform is linear, so the mean of all pictures can be taken off afterwards.
        cross = self._spectra.real * self._of_window.real + self._spectra.imag * self._of_window.imag
        own = self._of_window.real.square() + self._of_window.imag.square()
        half = (self._powers - 2 * mean * cross).div_(self._planes).add_(own, alpha=mean * mean)
        half = half.clamp_(min=0) / variance if variance > 1e-12 else torch.zeros_like(half)
        return _centred(_whole(half, self._padded[1]))

    def _begin(self, size: torch.Size) -> None:
        h, w = size
        like = torch.zeros((), dtype=torch.float64, device=self._device)
        one, other = (_kaiser(n, self._beta, like) for n in (h, w))
        self._window = (one / one.norm())[:, None] * (other / other.norm())
        self._padded = (INTERPOLATION * h, INTERPOLATION * w)
        self._of_window = self._transform(self._window)
        self._powers = torch.zeros_like(self._of_window.real)
        self._spectra = torch.zeros_like(self._of_window)

    def _transform(self, plane: Tensor) -> Tensor:
        spectrum: Tensor = torch.fft.rfft2(plane, s=self._padded)
        return spectrum


def heat_map(power: Tensor, width: int) -> Tensor:
    """In dB, closed and smoothed, to look at. power: [H, W] -> [H or H + 1, W or W + 1]"""
    db = decibels(closed(power).clamp(min=FLOOR))
    sigma = SMOOTHING * power.shape[1] / width
    reach = min(math.ceil(4 * sigma), min(db.shape) - 1)
    taps = torch.arange(-reach, reach + 1, dtype=db.dtype, device=db.device)
    taps = torch.exp(-0.5 * (taps / sigma) ** 2)
    taps = taps / taps.sum()
    smooth = F.pad(db[None, None], (reach,) * 4, mode="reflect")
    smooth = F.conv2d(F.conv2d(smooth, taps[None, None, :, None]), taps[None, None, None, :])
    return smooth[0, 0]


def _centred(power: Tensor) -> Tensor:
    """With frequency 0, which transforms put first, at [H // 2, W // 2]."""
    h, w = power.shape
    return power.roll((h // 2, w // 2), (0, 1))


def _whole(half: Tensor, width: int) -> Tensor:
    """The power of a real plane at all frequencies, from that at those that rfft2 gives. [H, W // 2 + 1] -> [H, W]"""
    mirrored = half[:, 1 : (width + 1) // 2].flip(1)
    return torch.cat([half, mirrored.roll(-1, 0).flip(0)], dim=1)


def _curve(power: Tensor, spacing: float) -> Curve:
    return Curve(torch.arange(len(power), device=power.device) * spacing, decibels(power))


def _kaiser(size: int, beta: float, like: Tensor) -> Tensor:
    return torch.kaiser_window(size, periodic=False, beta=beta, dtype=like.dtype, device=like.device)
