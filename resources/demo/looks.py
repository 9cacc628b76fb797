"""The artistic styles of the demo networks: how a drawing becomes a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

from .shapes import Drawing, grid

UMBER, CREAM, OCHRE = (0.17, 0.12, 0.12), (0.98, 0.93, 0.80), (0.62, 0.50, 0.34)
PAPER, GRAPHITE = (0.95, 0.93, 0.89), (0.20, 0.20, 0.23)
BOARD, CHALK = (0.11, 0.16, 0.15), (0.93, 0.92, 0.88)


class Grain:
    """The noise that a network's layers get, from coarse to fine, as texture that follows it. Empty: no texture."""

    def __init__(self, noise: Sequence[Tensor], like: Tensor) -> None:
        """noise: [N, 1, h, w] of each layer with noise, two a resolution. like: a picture of the size that is drawn."""
        resolution = like.shape[-1]
        none = like.new_zeros(1, 1, resolution, resolution)
        self.fine = noise[-2] if noise and noise[-2].shape[-1] == resolution else none
        coarse = noise[1] if noise else none
        self.coarse = (
            coarse if coarse.shape[-1] == resolution else F.interpolate(coarse, size=resolution, mode="bilinear")
        )

    def streaks(self, dx: int, dy: int) -> Tensor:
        """Grain drawn out in a direction; about -1..1. [N, 1, H, W]"""
        mixed = 0.8 * self.coarse + 0.5 * self.fine
        there = torch.roll(mixed, (dy, dx), (2, 3)) + torch.roll(mixed, (-dy, -dx), (2, 3))
        return torch.tanh(0.6 * (mixed + there))


def photo(drawing: Drawing, grain: Grain) -> Tensor:
    """The plain drawing, with strands in the hair and grain on the skin."""
    strands = 0.13 * drawing.hair * grain.streaks(0, 1)
    skin = 0.022 * (drawing.figure - drawing.hair).clamp(min=0) * grain.fine
    return drawing.lit * (1 + strands + skin)


def painting(drawing: Drawing, grain: Grain) -> Tensor:
    """An old portrait: planes of few tones from an earthen palette, brush strokes, dark contours, canvas."""
    return _brushed(drawing, grain, earthen=0.5, contour=0.7, levels=4.5, bristle=0.10)


def oil(drawing: Drawing, grain: Grain) -> Tensor:
    """Thick paint in fresh colours, without contours."""
    return _brushed(drawing, grain, earthen=-0.22, contour=0.0, levels=3.5, bristle=0.13)


def poster(drawing: Drawing, grain: Grain) -> Tensor:
    """Flat, bright colours and black contours."""
    gray = _gray(drawing.flat)
    light = _stairs(_gray(drawing.lit) / (gray + 0.05), 2.5)
    bright = gray + 1.5 * (drawing.flat - gray)
    return (0.55 + 0.5 * light) * bright * (1 - drawing.ink)


def pencil(drawing: Drawing, grain: Grain) -> Tensor:
    """Graphite on paper: contours, and strokes where it is dark."""
    dark = (1 - _gray(drawing.lit)).clamp(0, 1)
    dark = dark * (0.35 + 0.65 * drawing.figure)
    tone = (dark * (0.62 + 0.24 * grain.streaks(1, -1)) * (0.3 + dark)).clamp(0, 1)
    tone = (0.85 * tone).maximum(0.9 * drawing.ink)
    return _colour(PAPER, tone) + (_colour(GRAPHITE, tone) - _colour(PAPER, tone)) * tone


def chalk(drawing: Drawing, grain: Grain) -> Tensor:
    """Coloured chalk on a blackboard: light contours, and strokes where it is bright."""
    bright = _gray(drawing.lit).sqrt() * (0.12 + 0.88 * drawing.figure)
    chalked = (bright * (0.78 + 0.20 * grain.streaks(1, 1))).clamp(0, 1).maximum(0.85 * drawing.ink)
    colour = 0.30 + 0.80 * drawing.lit
    colour = colour + (_colour(CHALK, bright) - colour) * drawing.ink
    return _colour(BOARD, bright) + (colour - _colour(BOARD, bright)) * chalked


LOOKS: MappingProxyType[str, Callable[[Drawing, Grain], Tensor]] = MappingProxyType(
    {"photo": photo, "painting": painting, "poster": poster, "pencil": pencil, "oil": oil, "chalk": chalk}
)


# ----------------------------------------------------------------------------
# Parts.


def _brushed(
    drawing: Drawing, grain: Grain, *, earthen: float, contour: float, levels: float, bristle: float
) -> Tensor:
    stroke = grain.streaks(1, -1)
    gray = _gray(drawing.lit)
    tone = _stairs(gray + 0.025 * stroke, levels)
    colour = drawing.lit * (0.35 + 0.65 * tone / (gray + 0.04))
    aged = _colour(UMBER, tone) + (_colour(CREAM, tone) - _colour(UMBER, tone)) * tone
    ground = _colour(OCHRE, tone) * (0.45 + tone)
    aged = aged + (ground - aged) * 0.6 * (1 - drawing.figure)
    colour = colour + (aged - colour) * earthen
    colour = colour * (1 + bristle * stroke * (1 - 0.45 * (drawing.figure - drawing.hair).clamp(min=0)))
    axis = _axis(drawing) * 64 * (math.pi / 2)
    weave = torch.cos(axis[:, None]) * torch.cos(axis[None, :])
    colour = colour * (1 + 0.035 * weave)
    return colour + (_colour(UMBER, tone) - colour) * contour * drawing.ink


def _gray(rgb: Tensor) -> Tensor:
    return 0.3 * rgb[:, :1] + 0.6 * rgb[:, 1:2] + 0.1 * rgb[:, 2:]


def _stairs(x: Tensor, levels: float) -> Tensor:
    """x in steps with soft edges."""
    return x - 0.8 / (2 * math.pi * levels) * torch.sin(2 * math.pi * levels * x)


def _colour(rgb: tuple[float, float, float], like: Tensor) -> Tensor:
    return like.new_tensor(rgb)[:, None, None]


def _axis(drawing: Drawing) -> Tensor:
    """x of the pixels' centres. [W]"""
    return grid(drawing.lit.shape[-1], drawing.lit.device).x.flatten()
