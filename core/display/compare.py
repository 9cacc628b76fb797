"""The picture that a transform places against the upright one: how they are laid over each other, and shown."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.display.analysis import Pixels
from core.display.images import Look, Spread, chosen, coloured, pictured, scaled
from core.display.palette import GAP, HATCH, OUTSIDE
from core.display.resampling import OVERSAMPLING, resample
from core.request import IDENTITY, Colours, Compare, Matrix, View
from core.request.placement import inverse

MAX_BYTES = 64 << 20  # of the up-sampled channels that are resampled together
GAP_SHARE = 64  # the gap between two pictures is their width by this
HATCHING = 8  # pixels from line to line


class Pair(NamedTuple):
    """A picture or layer that was made with a transform, and the same made without, placed alike."""

    shown: Tensor  # [C, H, W]
    upright: Tensor | None  # [C, H, W], if there is something to compare with
    mask: Tensor | None  # bool [H, W], where both are valid; None: everywhere


def paired(made: Tensor, upright: Tensor | None, transform: Matrix, *, untransform: bool, span: float = 1.0) -> Pair:
    """Lay two pictures over each other by resampling one: that which is made, if it is untransformed, else the other.

    made, upright: [C, H, W]. transform: what the network got, in picture heights. span: how many of them these cover.
    Raises ValueError if the transform has no inverse.
    """
    if transform == IDENTITY:
        return Pair(made, upright, None)
    forward = inverse(transform)
    if forward is None:
        raise ValueError(f"the transform {transform} has no inverse")
    if untransform:
        back, mask = _placed(made, transform, span)
        return Pair(back, upright, mask)
    if upright is None:
        return Pair(made, None, None)
    placed, mask = _placed(upright, forward, span)
    return Pair(made, placed, mask)


def _placed(x: Tensor, matrix: Matrix, span: float) -> tuple[Tensor, Tensor]:
    """Resampled a few channels at a time."""
    a, b, move_x, c, d, move_y = matrix
    matrix = (a, b, move_x / span, c, d, move_y / span)
    fine = OVERSAMPLING**2 * x.shape[1] * x.shape[2] * 4
    parts = [resample(part[None].float(), matrix) for part in torch.split(x, max(1, MAX_BYTES // fine))]
    return torch.cat([part.picture[0] for part in parts]), parts[0].mask > 0


class Compared(NamedTuple):
    """What is seen of a pair."""

    pixels: Pixels  # [H, W, 3]
    upright: Pixels | None  # likewise, for Compare.BLINK and WIPE
    look: Look  # of that which was made with the transform


def compared(pair: Pair, view: View) -> Compared:
    """The picture of a pair, as a view compares them."""
    shown, upright = chosen(pair.shown, pair.upright, view)
    spread = Spread.of(pair.shown, shown, view)

    def seen(x: Tensor) -> Pixels:
        return _shaded(coloured(x, view, spread), pair.mask, view)

    pixels = seen(shown)
    made = Look(pixels, shown, spread.scale(len(shown), view))
    if upright is None:
        return Compared(pixels, None, made)
    if view.compare is Compare.DIFFERENCE:
        difference = scaled((shown - upright) / spread.by, False, view.gain_db + view.difference_db)
        return Compared(_shaded(pictured(difference, Colours.SIGNED), pair.mask, view), None, made)
    other = seen(upright)
    if view.compare is Compare.SIDE:
        height, width = pixels.shape[:2]
        gap = np.full((height, max(1, width // GAP_SHARE), 3), GAP, np.uint8)
        return Compared(np.concatenate([pixels, gap, other], axis=1), None, made)
    return Compared(pixels, other, made)


def _shaded(pixels: Pixels, mask: Tensor | None, view: View) -> Pixels:
    """Hatched where the mask is false, if the view has it."""
    if mask is None or not view.mask:
        return pixels
    height, width = pixels.shape[:2]
    line = np.add.outer(np.arange(height), np.arange(width)) % HATCHING == 0
    hatched = np.where(line[..., None], np.array(HATCH, np.uint8), np.array(OUTSIDE, np.uint8))
    return np.where(mask.cpu().numpy()[..., None], pixels, hatched)
