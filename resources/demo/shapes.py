"""Shapes as signed distances, and the canvas they are laid on; for painter.py.

A distance is negative inside of a shape. Everything is evaluated at any set of points, so that a picture can be drawn
at any size. The plane is -1..1 in x (to the right) and y (down).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Points(NamedTuple):
    """Where to draw: x and y broadcast to [N, ...], and how wide a pixel is there."""

    x: Tensor
    y: Tensor
    pixel: float


class Drawing(NamedTuple):
    """A portrait in parts, for the looks of looks.py to put together. Colours are [N, 3, ...] from 0 to 1."""

    lit: Tensor  # with light and shade
    flat: Tensor  # the plain colour of each region
    ink: Tensor  # [N, 1, ...] outlines of the regions, 0 to 1
    hair: Tensor  # [N, 1, ...] where there is hair, 0 to 1
    figure: Tensor  # [N, 1, ...] where the person is, 0 to 1
    detail: Tensor  # [N, 1, ...] around eyes and mouth, 0 to 1: small, but what a face is known by


def grid(resolution: int, device: torch.device | str = "cpu") -> Points:
    """The pixel centres of a square picture."""
    axis = (torch.arange(resolution, device=device) + 0.5) * (2 / resolution) - 1
    return Points(axis[None, None, :], axis[None, :, None], 2 / resolution)


# ----------------------------------------------------------------------------
# Coverage of shapes, and colours.


def smoothstep(low: float, high: float, x: Tensor) -> Tensor:
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def bump(*parts: Tensor) -> Tensor:
    """A soft round spot: exp(-sum of squares)."""
    return torch.exp(-sum((p * p for p in parts[1:]), parts[0] * parts[0]))


def ellipse(u: Tensor, v: Tensor, a: Tensor | float, b: Tensor | float) -> Tensor:
    """About the distance to an ellipse: exact on its outline, with a slope near 1 around it."""
    p, q = u / a, v / b
    k = (p * p + q * q + 1e-6).sqrt()
    slope = ((p / a) ** 2 + (q / b) ** 2 + 1e-6).sqrt()
    return k * (k - 1) / slope


def mix(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return a + (b - a) * t


@dataclass
class Canvas:
    """Regions are laid over each other, from back to front. Colours are lists of three channels."""

    pixel: float
    lit: list[Tensor]
    flat: list[Tensor]
    ink: Tensor
    hair: Tensor
    figure: Tensor
    detail: Tensor

    def cover(self, distance: Tensor) -> Tensor:
        return (0.5 - distance / self.pixel).clamp(0, 1)

    def stroke(self, distance: Tensor, half: float) -> Tensor:
        """A line along distance 0; lines thinner than a pixel are faint."""
        return ((half - distance.abs()) / self.pixel + 0.5).clamp(0, min(2 * half / self.pixel, 1))

    def lay(self, mask: Tensor, lit: list[Tensor], flat: list[Tensor], outline: Tensor | None = None) -> None:
        """Cover what is there. outline: the distance to the region's outline, if it has one."""
        self.lit = [mix(a, b, mask) for a, b in zip(self.lit, lit, strict=True)]
        self.flat = [mix(a, b, mask) for a, b in zip(self.flat, flat, strict=True)]
        self.ink = self.ink * (1 - mask)
        self.hair = self.hair * (1 - mask)
        self.figure = self.figure + (1 - self.figure) * mask
        if outline is not None:
            self.ink = self.ink.maximum(self.stroke(outline, 0.011))
