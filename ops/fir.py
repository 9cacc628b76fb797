"""FIR filters: their setup, and the design of StyleGAN3's low-pass filters (Karras et al. 2021, appendix C)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

SEPARABLE_TAPS = 8  # 1-D filters of this length or more stay 1-D


def setup_filter(
    f: float | Sequence[float] | Sequence[Sequence[float]] | Tensor | None,
    *,
    normalize: bool = True,
    flip: bool = False,
    gain: float = 1.0,
    separable: bool | None = None,
) -> Tensor:
    """A filter for `upfirdn2d`, float32: [fh, fw], or [taps] if separable (default: 1-D and at least 8 taps).

    None is the identity, 1x1. `normalize` makes the sum 1; `gain` is that of the whole 2-D filter.
    Raises ValueError if f is empty or has more than two dimensions.
    """
    taps = torch.as_tensor(1.0 if f is None else f, dtype=torch.float32)
    if taps.ndim > 2 or taps.numel() == 0:
        raise ValueError(f"a filter has 1 or 2 dimensions and some taps, not the shape {tuple(taps.shape)}")
    if taps.ndim == 0:
        taps = taps[None]
    if separable is None:
        separable = taps.ndim == 1 and taps.numel() >= SEPARABLE_TAPS
    if taps.ndim == 1 and not separable:
        taps = taps.outer(taps)
    if normalize:
        taps = taps / taps.sum()
    if flip:
        taps = taps.flip(tuple(range(taps.ndim)))
    return taps * math.pow(gain, taps.ndim / 2)


def kaiser_beta(numtaps: int, width: float, fs: float) -> float:
    """Kaiser's shape parameter for a transition band of `width` (in the unit of the sampling rate `fs`)."""
    attenuation = 2.285 * (numtaps - 1) * math.pi * (width / (fs / 2)) + 7.95  # decibels
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * math.pow(attenuation - 21, 0.4) + 0.07886 * (attenuation - 21)
    return 0.0


def design_lowpass(
    numtaps: int, cutoff: float, width: float, fs: float, *, radial: bool = False, device: torch.device | None = None
) -> Tensor | None:
    """A Kaiser-windowed low-pass filter whose taps sum to 1, float32: [numtaps], or [numtaps, numtaps] if radial.

    `cutoff`, `width` of the transition band and the sampling rate `fs` share one unit. One tap: None, the identity.
    Computed in float64 on the CPU. Raises ValueError if numtaps is not positive.
    """
    if numtaps < 1:
        raise ValueError(f"a filter needs at least one tap, not {numtaps}")
    if numtaps == 1:
        return None
    cpu = torch.device("cpu")
    beta = kaiser_beta(numtaps, width, fs)
    window = torch.kaiser_window(numtaps, periodic=False, beta=beta, dtype=torch.float64, device=cpu)
    n = torch.arange(numtaps, dtype=torch.float64, device=cpu) - (numtaps - 1) / 2
    if radial:
        r = torch.hypot(n[:, None] / fs, n[None, :] / fs)
        # At r = 0, which only an odd number of taps has, J1(a r) / r is a / 2.
        jinc = torch.special.bessel_j1(2 * math.pi * cutoff * r) / (math.pi * r)
        taps = torch.where(r == 0, cutoff, jinc) * window.outer(window)
    else:
        taps = torch.sinc(n * (cutoff / (fs / 2))) * window
    return (taps / taps.sum()).to(torch.float32).to(device or cpu)
