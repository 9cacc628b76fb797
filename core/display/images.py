"""From what a layer gives to what is seen of it: channels, gain, colours, thumbnails, statistics.

Layers are [C, H, W] on any device and in any floating-point type. NaN and infinity are shown in magenta and counted.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from core.display.analysis import (
    Analysis,
    AnalysisResult,
    Histogram,
    Mosaic,
    Pixels,
    Spectrum,
    SpectrumOptions,
    Statistics,
)
from core.display.palette import ABOVE, BAD, BELOW, VIRIDIS, ZERO, ColourScale, Rgb
from core.display.spectrum import curves, decibels, plotted, power_view
from core.request import Colours, Show, View

SMALLEST, LARGEST = 1e-8, 1e8  # magnitudes that a channel is divided by
BINS = 64  # of a histogram
GAMMA = 2.2  # of a screen: light is the value of a pixel to this power
THUMBNAIL_EDGE = 64  # pixels
SATURATED = 1.0  # where the picture of a layer is black or white


# ----------------------------------------------------------------------------
# Pictures.


def to_pixels(image: Tensor) -> Pixels:
    """[C, H, W], about -1..1 -> uint8 [H, W, C]: x 127.5 + 128, clipped and truncated."""
    scaled_image = (image.float() * 127.5 + 128).clamp_(0, 255).to(torch.uint8)
    pixels: Pixels = scaled_image.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels


def thumbnail(image: Tensor) -> Pixels:
    """A picture reduced to THUMBNAIL_EDGE pixels at most, if it is larger. [1, C, H, W] -> uint8 [h, w, C]"""
    height, width = image.shape[-2:]
    scale = THUMBNAIL_EDGE / max(height, width)
    if scale >= 1:
        return to_pixels(image[0])
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return to_pixels(F.interpolate(image.float(), size=size, mode="area")[0])


class Look(NamedTuple):
    """What is seen of a layer."""

    pixels: Pixels  # [H, W, 3]
    shown: Tensor  # [n, H, W], the channels that are seen, unscaled
    scale: ColourScale


def look(x: Tensor, view: View) -> Look:
    """The picture of a layer. [C, H, W]"""
    shown, _ = chosen(x, None, view)
    spread = Spread.of(x, shown, view)
    return Look(coloured(shown, view, spread), shown, spread.scale(len(shown), view))


class Spread(NamedTuple):
    """How the values of shown channels are spread over the colours."""

    by: Tensor | float  # what they are divided by, before the gain
    from_zero: bool  # 0 is the first colour, not the middle one
    signed: bool  # in signed colours

    @classmethod
    def of(cls, x: Tensor, shown: Tensor, view: View) -> Spread:
        """As a view has it. x: the layer, whose signs count for all of its channels, [C, H, W]; shown: [n, H, W]"""
        by = peaks(shown) if view.normalize else 1.0
        below = not bool(x.amin() >= 0) if view.auto_range or view.colours is Colours.AUTO else True
        is_signed = view.colours is Colours.SIGNED or (view.colours is Colours.AUTO and below)
        if not view.auto_range or not view.layer or view.show is Show.PCA:
            return cls(by, False, is_signed)
        return cls(by if view.normalize else peaks(shown).amax(), not below and not is_signed, is_signed)

    def scale(self, count: int, view: View) -> ColourScale:
        """What the colours stand for, of so many channels."""
        high = 10 ** (-view.gain_db / 20)
        if not view.normalize:
            high *= float(self.by)
        low = 0.0 if self.from_zero else -high
        return ColourScale(low, high, self.signed and count == 1, view.normalize)


def coloured(x: Tensor, view: View, spread: Spread) -> Pixels:
    """Channels in the light of a view, or as a layer, spread over the colours. [n, H, W] -> uint8 [H, W, 3]"""
    values = scaled(x / spread.by, False, view.gain_db)
    values = values * 2 - 1 if spread.from_zero else values
    return pictured(toned(values, view), Colours.SIGNED if spread.signed else Colours.GRAY)


def chosen(x: Tensor, other: Tensor | None, view: View) -> tuple[Tensor, Tensor | None]:
    """The channels of a layer, and of the same layer of another run, that a view shows. [C, H, W] -> [n, H, W]"""
    if view.show is not Show.PCA:
        count = 1 if view.show is Show.ONE else 3
        return select(x, view.base, count), None if other is None else select(other, view.base, count)
    if other is None:
        return principal(x), None
    width = x.shape[2]
    both = principal(torch.cat([x.float(), other.float()], dim=2))  # in the same directions
    return both[:, :, :width], both[:, :, width:]


def analyse(x: Tensor, shown: Tensor, analysis: Analysis, magnitudes: tuple[tuple[str, float], ...]) -> AnalysisResult:
    """All that is wanted of a layer of which `shown` is shown."""
    counted = analysis.statistics
    return AnalysisResult(
        channels=len(x),
        values=shown.float().cpu().numpy() if analysis.values else None,
        statistics=(statistics(x), statistics(shown)) if counted else None,
        histograms=(histogram(x), histogram(shown)) if counted else None,
        mosaic=Mosaic(*levels(thumbnails(x, analysis.mosaic))) if analysis.mosaic else None,
        spectrum=_spectrum(x, shown, analysis.spectrum) if analysis.spectrum is not None else None,
        magnitudes=magnitudes,
    )


def select(x: Tensor, base: int, count: int) -> Tensor:
    """`count` channels from `base` on, moved so that they exist; one if there are fewer than `count`. [n, H, W]"""
    count = count if len(x) >= count else 1
    base = min(max(base, 0), len(x) - count)
    return x[base : base + count].float()


def scaled(x: Tensor, normalize: bool, gain_db: float) -> Tensor:
    """Each channel divided by its largest magnitude if wanted, then amplified. [n, H, W]"""
    return (x / peaks(x) if normalize else x) * 10 ** (gain_db / 20)


def toned(x: Tensor, view: View) -> Tensor:
    """A picture in the light of a view; a layer as it is. [C, H, W], -1 black and 1 white; alpha stays.

    Exposure multiplies light by 2^exposure, where light is v^2.2 of the values v = (x + 1) / 2; then contrast scales
    them around middle gray, v = 0.5.
    """
    if view.layer or (view.exposure, view.contrast) == (0, 1):
        return x
    colours = len(x) - (len(x) in (2, 4))
    v = (x[:colours].float() + 1) / 2 * 2 ** (view.exposure / GAMMA)
    return torch.cat([(v - 0.5) * 2 * view.contrast, x[colours:].float()])


def peaks(x: Tensor) -> Tensor:
    """The largest finite magnitude of each channel, to divide by. [n, 1, 1]"""
    return torch.where(torch.isfinite(x), x, 0).abs().amax((1, 2), keepdim=True).clamp(SMALLEST, LARGEST)


def pictured(x: Tensor, colours: Colours = Colours.GRAY) -> Pixels:
    """One or three channels, of which -1..1 can be seen, as uint8 [H, W, 3]."""
    rgb = _signed(x[0]) if colours is Colours.SIGNED and len(x) == 1 else (x * 127.5 + 128).expand(3, -1, -1)
    bad = ~torch.isfinite(x).all(0)
    rgb = torch.where(bad, _color(BAD, x), rgb)
    pixels: Pixels = rgb.clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels


def heat(db: Tensor, reach_db: float) -> Pixels:
    """A power in dB, -reach to reach, from dark blue to yellow; NaN in magenta. [H, W] -> uint8 [H, W, 3]"""
    place = ((db / reach_db + 1) / 2).clamp(0, 1).nan_to_num() * (len(VIRIDIS) - 1)
    table = torch.tensor(VIRIDIS, dtype=torch.float32, device=db.device)
    index = place.long().clamp(max=len(VIRIDIS) - 2)
    rgb = torch.lerp(table[index], table[index + 1], (place - index)[..., None].float())
    rgb = torch.where(db.isnan()[..., None], table.new_tensor(BAD), rgb)
    pixels: Pixels = rgb.round().to(torch.uint8).cpu().numpy()
    return pixels


def principal(x: Tensor) -> Tensor:
    """The three directions in which the channels differ most from pixel to pixel, as channels, -1..1. [3, H, W]

    Each is divided by its largest magnitude. Fewer than three channels leave the rest at 0. The sign of a direction is
    that in which its largest channel counts as positive, so that small changes of the layer keep the colours.
    """
    c, h, w = x.shape
    flat = torch.where(torch.isfinite(x), x, 0).float().reshape(c, h * w)
    flat = flat - flat.mean(1, keepdim=True)
    directions = torch.linalg.eigh((flat @ flat.t()).cpu().double())[1].flip(1)[:, :3]  # [C, up to 3]
    largest = directions.gather(0, directions.abs().argmax(0, keepdim=True))
    directions = (directions * largest.sign()).to(flat)
    values = (directions.t() @ flat).reshape(-1, h, w)
    values = values / values.abs().amax((1, 2), keepdim=True).clamp(min=SMALLEST)
    values = torch.where(torch.isfinite(x).all(0), values, math.nan)
    return F.pad(values, (0, 0, 0, 0, 0, 3 - len(values)))


def thumbnails(x: Tensor, edge: int) -> Tensor:
    """All channels reduced to at most `edge` pixels, each divided by its largest magnitude. float32 [C, h, w]"""
    h, w = x.shape[1:]
    scale = min(1.0, edge / max(h, w))
    size = (max(1, round(h * scale)), max(1, round(w * scale)))
    small = x.float() if size == (h, w) else F.interpolate(x[None].float(), size=size, mode="area")[0]
    return scaled(small, normalize=True, gain_db=0)


def levels(x: Tensor) -> tuple[npt.NDArray[np.uint8], tuple[int, ...]]:
    """Values -1..1 as 1..255, 0 being 128, what is no number as 0; and the channels that are 0 everywhere. [C, H, W]"""
    steps = torch.where(torch.isfinite(x), x.clamp(-1, 1) * 127 + 128.5, 0).to(torch.uint8)
    return steps.cpu().numpy(), tuple((~x.flatten(1).any(1)).nonzero().flatten().tolist())


# ----------------------------------------------------------------------------
# Numbers.


def _spectrum(x: Tensor, shown: Tensor, options: SpectrumOptions) -> Spectrum:
    power = power_view(shown if options.shown_only else x, options.beta)
    db = decibels(power)
    return Spectrum(heat(db, options.reach_db), db.half().cpu().numpy(), plotted(curves(power, x.shape[2])))


def statistics(x: Tensor) -> Statistics:
    """The standard deviation is the unbiased one; 0 of a single value. All is 0 where nothing is finite."""
    x = x.float().flatten()
    finite = x[torch.isfinite(x)]
    nan = int(x.isnan().sum())
    if not len(finite):
        return Statistics(0.0, 0.0, 0.0, 0.0, 0.0, nan, len(x) - nan)
    magnitude = finite.abs()
    return Statistics(
        mean=float(finite.mean()),
        std=float(finite.std()) if len(finite) > 1 else 0.0,
        max_abs=float(magnitude.max()),
        zeros=float((magnitude == 0).sum()) / len(x),
        saturated=float((magnitude > SATURATED).sum()) / len(x),
        nan=nan,
        inf=len(x) - len(finite) - nan,
    )


def histogram(x: Tensor) -> Histogram:
    """Of the finite values, from the least to the greatest."""
    values = x.float().flatten()
    values = values[torch.isfinite(values)].cpu()
    if not len(values):
        return Histogram(0.0, 0.0, np.zeros(BINS, np.int64))
    low, high = float(values.min()), float(values.max())
    counts = torch.histc(values, BINS, low, high).long() if low < high else _single(len(values))
    return Histogram(low, high, counts.numpy())


def magnitude(x: Tensor) -> Tensor:
    """The root of the mean square: one number for a layer, on its device. NaN or infinity if it holds any. []"""
    return x.float().square().mean().sqrt()


# ----------------------------------------------------------------------------
# Parts.


def _signed(x: Tensor) -> Tensor:
    """[H, W] -> [3, H, W], 0..255"""
    zero = _color(ZERO, x)
    below, above = (_color(color, x) - zero for color in (BELOW, ABOVE))
    return zero + below * (-x).clamp(0, 1) + above * x.clamp(0, 1) + 0.5


def _color(rgb: Rgb, like: Tensor) -> Tensor:
    return like.new_tensor(rgb, dtype=torch.float32)[:, None, None]


def _single(count: int) -> Tensor:
    counts = torch.zeros(BINS, dtype=torch.long)
    counts[BINS // 2] = count
    return counts
