"""Which space an array lies in by its shape, its rows as latents, and latents as an array."""

from __future__ import annotations

import io
from enum import StrEnum

import numpy as np

from core.documents.latents.arrays import Floats
from core.request import Latent, ModelInfo, WVector, ZVector

MAX_LATENTS = 1000


class Space(StrEnum):
    """What a latent is a vector of."""

    Z = "z"
    W = "w"
    PLUS = "w+"  # a row for each layer


def space_of(shape: tuple[int, ...], info: ModelInfo, *, is_z: bool = False, is_w: bool = False) -> Space | None:
    """Where an array lies: z [z_dim], w [w_dim], w+ [num_ws, w_dim], alone, with ones before, or many of them; z also
    as [z_dim, 1, 1]. None if it fits nowhere.

    Where z and w have one shape, is_z and is_w decide; else it is z without a W, and w with one.
    """
    *outer, width = shape or (0,)
    if 0 in shape or not shape:
        return None
    if not is_w and len(shape) > 2 and shape[-3:] == (info.z_dim, 1, 1):
        return Space.Z
    same = not info.has_w and info.num_ws == 1 and info.w_dim == info.z_dim
    takes_w = width == info.w_dim and not is_z and (is_w or not same)
    if takes_w and outer and outer[-1] == info.num_ws:
        return Space.PLUS
    is_flat = len(outer) < 2 or outer[-1] == 1
    if takes_w and is_flat:
        return Space.W
    return Space.Z if width == info.z_dim and is_flat and not is_w else None


def latents_of(
    array: Floats, info: ModelInfo, *, is_z: bool = False, is_w: bool = False, most: int = MAX_LATENTS
) -> tuple[Latent, ...]:
    """An array as latents, `most` at most; none if its shape fits nowhere. is_z and is_w are as of `space_of`."""
    match space_of(array.shape, info, is_z=is_z, is_w=is_w):
        case Space.PLUS:
            many = array.reshape(-1, info.num_ws, info.w_dim)[:most]
            return tuple(WVector(tuple(map(tuple, rows.tolist()))) for rows in many)
        case Space.W:
            return tuple(WVector((tuple(row),)) for row in array.reshape(-1, info.w_dim)[:most].tolist())
        case Space.Z:
            return tuple(ZVector(tuple(row)) for row in array.reshape(-1, info.z_dim)[:most].tolist())
    return ()


def latent_archive(ws: Floats) -> bytes:
    """w+, [num_ws, w_dim], as published projectors save it: .npz with [1, num_ws, w_dim] under the name w."""
    buffer = io.BytesIO()
    np.savez(buffer, w=ws[None])
    return buffer.getvalue()
