"""How a picture lies in its frame, in the terms of a user, and as the matrix that the network gets."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.request import IDENTITY, Matrix

SMALLEST_DETERMINANT = 1e-6  # of a matrix that can be inverted
DIGITS = 10  # after the point
EXAMPLE_SHIFT, EXAMPLE_DEGREES = (0.1, -0.06), 30.0  # picture heights; anticlockwise
ORBIT = 0.1  # picture widths: the radius of the circle on which an animated picture moves


@dataclass(frozen=True)
class Placement:
    """First mirrored, then sheared, scaled, turned, moved; around the centre of the frame, x to the right, y down."""

    x: float = 0.0  # picture widths
    y: float = 0.0
    degrees: float = 0.0  # anticlockwise
    scale_x: float = 1.0  # above 0
    scale_y: float = 1.0
    shear: float = 0.0  # how far x moves with y
    mirrored: bool = False  # left and right

    @property
    def forward(self) -> Matrix:
        """The top two rows of the matrix from points of the upright picture to those of the frame."""
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        a, b, d = (-self.scale_x if self.mirrored else self.scale_x), self.shear * self.scale_y, self.scale_y
        return (cos * a, cos * b + sin * d, self.x, -sin * a, -sin * b + cos * d, self.y)

    @property
    def matrix(self) -> Matrix:
        """What goes into `synthesis.input.transform`: the inverse."""
        return inverse(self.forward) or IDENTITY  # scales are above 0, so there is one

    @classmethod
    def of(cls, matrix: Matrix) -> Placement | None:
        """The placement that gives a network's matrix, without rounding errors; None if the matrix has no inverse."""
        forward = inverse(matrix)
        if forward is None:
            return None
        a, b, x, c, d, y = forward
        mirrored = a * d - b * c < 0
        if mirrored:
            a, c = -a, -c
        scale_x, angle = math.hypot(a, c), math.atan2(-c, a)
        cos, sin = math.cos(angle), math.sin(angle)
        scale_y = b * sin + d * cos
        return cls(
            round(x, DIGITS),
            round(y, DIGITS),
            round(math.degrees(angle), DIGITS),
            round(scale_x, DIGITS),
            round(scale_y, DIGITS),
            round((b * cos - d * sin) / scale_y, DIGITS),
            mirrored,
        )

    def rounded(self, pixels: int) -> Placement:
        """Moved by whole pixels of a picture that has so many from left to right."""
        return replace(self, x=round(self.x * pixels) / pixels, y=round(self.y * pixels) / pixels)

    def turned(self, degrees: float) -> Placement:
        return replace(self, degrees=(self.degrees + degrees + 180) % 360 - 180)

    def orbited(self, way: float) -> Placement:
        """Moved a way, in picture widths, that spirals onto a circle around the centre and follows it."""
        x, y = self.x, self.y
        toward_x, toward_y = (x, y) if max(abs(x), abs(y)) >= 1e-4 else (x + 1, y + 1)
        length = math.hypot(toward_x, toward_y)
        step_x, step_y = ORBIT * toward_x / length + y - x, ORBIT * toward_y / length - x - y
        length = math.hypot(step_x, step_y)
        return replace(self, x=x + step_x / length * way, y=y + step_y / length * way)


@dataclass(frozen=True)
class Move:
    """What a picture is put through to see how well it follows."""

    whole: tuple[int, int]  # pixels to the right and down
    shift: tuple[float, float]  # likewise
    angle: float  # radians, anticlockwise

    @classmethod
    def of(cls, transform: Matrix, height: int) -> Move:
        """As a transform moves and turns a picture of so many pixels; where it does neither, as the example does."""
        placement = Placement.of(transform) or Placement()
        x, y = (placement.x, placement.y) if (placement.x, placement.y) != (0, 0) else EXAMPLE_SHIFT
        return cls.by(x * height, y * height, placement.degrees or EXAMPLE_DEGREES)

    @classmethod
    def by(cls, x: float, y: float, degrees: float) -> Move:
        """By so many pixels."""
        return cls((round(x), round(y)), (x, y), math.radians(degrees))


def inverse(matrix: Matrix) -> Matrix | None:
    """Of the matrix with these top two rows; None if there is none, or next to none."""
    a, b, x, c, d, y = matrix
    determinant = a * d - b * c
    if not all(map(math.isfinite, matrix)) or abs(determinant) < SMALLEST_DETERMINANT:
        return None
    a, b, c, d = d / determinant, -b / determinant, -c / determinant, a / determinant
    return (a, b, -(a * x + b * y), c, d, -(c * x + d * y))
