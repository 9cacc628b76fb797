"""Weights without their spectral norms, of which files hold vectors only (Miyato et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.families.architectures.biggan import divided, unit
from core.families.common.tensor_renaming import Array, Foreign
from core.loading.common.checkpoint import StoredTensor

RAW = "weight_orig"  # what torch calls a weight before its division


def has_weight(named: Foreign | Mapping[str, StoredTensor], prefix: str) -> bool:
    return any(f"{prefix}.{part}" in named for part in (RAW, "weight"))


def weight_shape(named: Foreign, prefix: str, rank: int) -> tuple[int, ...]:
    """Of a weight, whatever it is called. Raises CheckpointError if there is none, or of another rank."""
    return named.shape(f"{prefix}.{_part(named, prefix)}", rank)


def folded(named: Foreign, prefix: str, *shape: int) -> Array:
    """A weight divided by its spectral norm: u W v of stored vectors (torch), or one step from a stored u0 (BigGAN's
    authors). As it is if there are no vectors. Raises CheckpointError if something has another shape.
    """
    part = _part(named, prefix)
    weight = named.exactly(f"{prefix}.{part}", *shape)
    matrix = weight.reshape(shape[0], -1).astype(np.float64)
    with np.errstate(all="ignore"):  # of numbers that are not finite
        if part == RAW:
            u = named.exactly(f"{prefix}.weight_u", shape[0]).astype(np.float64)
            v = _v(named, prefix, matrix, u)
            return divided(weight, float(u @ (matrix @ v)), prefix)
        if f"{prefix}.u0" not in named:
            return weight
        u = named.exactly(f"{prefix}.u0", 1, shape[0])[0].astype(np.float64)
        after = matrix @ unit(u @ matrix)
        return divided(weight, float(unit(after) @ after), prefix)


def _part(named: Foreign, prefix: str) -> str:
    return RAW if any(f"{prefix}.{part}" in named for part in (RAW, "weight_u")) else "weight"


def _v(named: Foreign, prefix: str, matrix: np.ndarray, u: np.ndarray) -> np.ndarray:
    if f"{prefix}.weight_v" in named:
        return named.exactly(f"{prefix}.weight_v", matrix.shape[1]).astype(np.float64)
    return unit(matrix.T @ u)
