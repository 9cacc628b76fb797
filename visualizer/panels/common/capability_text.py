"""How the panels speak of what a network draws from: of w, or of z where there is no W."""

from __future__ import annotations

from core.request import ModelInfo

NO_AVERAGE = "This network has no W: the average of z is 0."


def letter_of_space(info: ModelInfo | None) -> str:
    """What an entry of ws holds."""
    return "w" if info is None or info.has_w else "z"


def numbers_of(info: ModelInfo) -> str:
    """What the numbers of an entry are, such as "512 numbers"."""
    classes = info.w_dim - info.z_width
    if not info.z_width or not classes:
        return f"{info.w_dim} numbers"
    return f"{info.z_width} numbers, then {classes} of the class"
