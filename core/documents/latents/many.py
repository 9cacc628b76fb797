"""Several latents in one file of NumPy's, with what they are called."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError
from core.request import Latent, ModelInfo, SeedPoint, ZVector
from core.request.seeds import nodes_of, z_of


def latents_archive(name: str, arrays: Sequence[npt.NDArray[np.generic]], names: Sequence[str]) -> bytes:
    """A .npz: all of them as one array under `name`, and what they are called under "names". Raises UsageError if they
    are not of one shape."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: _stacked(arrays), "names": np.array(names, np.str_)})  # type: ignore[arg-type]
    return buffer.getvalue()


def latents_array(arrays: Sequence[npt.NDArray[np.generic]]) -> bytes:
    """A .npy: all of them as one array. Raises UsageError if they are not of one shape."""
    buffer = io.BytesIO()
    np.save(buffer, _stacked(arrays))
    return buffer.getvalue()


def _stacked(arrays: Sequence[npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
    if len({array.shape for array in arrays}) != 1:
        raise UsageError("These latents have different shapes and fit into no one array; save them one by one.")
    return np.stack(arrays)


def z_of_latent(latent: Latent, info: ModelInfo) -> npt.NDArray[np.float32] | None:
    """Its z, float32 [z_dim]; None if it has none: between seeds w is blended, and w has no way back."""
    match latent:
        case _ if info.no_z or info.codes is not None:
            return None
        case ZVector(values):
            return np.array(values, np.float32)
        case SeedPoint() as point if len(nodes := nodes_of(point)) == 1:
            return z_of(nodes[0].seed, info.z_dim, info.c_dim, info.z_bound)[0]
    return None
