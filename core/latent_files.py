"""Latents in files: .npy, .npz and .pt, as z, w or w+, in all the shapes that they come in."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import CheckpointError, UsageError
from core.files import write_whole
from core.request import Latent, ModelInfo, WVector, ZVector

Floats = npt.NDArray[np.float32]

READ = (".npy", ".npz", ".pt", ".pth")
WRITTEN = (".npz", ".npy")
Z_NAMES = ("z", "latent_z")
W_NAMES = ("w", "ws", "w_plus", "wplus", "projected_w", "latents", "latent", "latent_code", "")
MAX_LATENTS = 1000
REAL = "fiub"  # kinds of dtypes


def read_latents(path: Path, info: ModelInfo) -> tuple[Latent, ...]:
    """The latents of a file, as far as they fit the network: z [z_dim], w [w_dim], w+ [num_ws, w_dim], alone, with ones
    before, or many of them. Raises UsageError saying what the file has and what is needed."""
    name, array = _best(path, _arrays(path))
    is_z = name.rpartition(".")[2].lower() in Z_NAMES
    latents = latents_of(array, info, is_z=is_z)
    if not latents:
        needed = f"z [{info.z_dim}], w [{info.w_dim}] or w+ [{info.num_ws}, {info.w_dim}]"
        raise UsageError(f"{path.name} holds numbers of the shape {list(array.shape)}; this network needs {needed}.")
    return latents


def latents_of(array: Floats, info: ModelInfo, *, is_z: bool = False) -> tuple[Latent, ...]:
    """An array as latents; none if its shape fits neither. Where z and w have one shape, is_z decides."""
    *outer, width = array.shape or (0,)
    takes_w = width == info.w_dim and not is_z
    if takes_w and outer and outer[-1] == info.num_ws:  # w+; before it, how many
        many = array.reshape(-1, info.num_ws, width)
        return tuple(WVector(tuple(map(tuple, rows.tolist()))) for rows in many[:MAX_LATENTS])
    if takes_w and (len(outer) < 2 or outer[-1] == 1):
        return tuple(WVector((tuple(row),)) for row in array.reshape(-1, width)[:MAX_LATENTS].tolist())
    if width == info.z_dim and (len(outer) < 2 or outer[-1] == 1):
        return tuple(ZVector(tuple(row)) for row in array.reshape(-1, width)[:MAX_LATENTS].tolist())
    return ()


def write_latent(path: Path, ws: Floats) -> None:
    """Save w+, [num_ws, w_dim], as the published projectors do: [1, num_ws, w_dim], in .npz under the name w.

    Raises UsageError.
    """
    if path.suffix.lower() not in WRITTEN:
        raise UsageError(f"{path.name} does not say how to save a latent; end it in .npz or .npy.")
    buffer = io.BytesIO()
    if path.suffix.lower() == ".npz":
        np.savez(buffer, w=ws[None])
    else:
        np.save(buffer, ws[None])
    try:
        write_whole(path, buffer.getvalue())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}; choose another folder.") from error


def read_array(path: Path, key: str, ranks: tuple[int, ...]) -> Floats:
    """A float array of one of the ranks from .npy, or from .npz under its usual name or as its only array."""
    arrays = _numpy_arrays(path)
    if key not in arrays and len(arrays) != 1:
        raise UsageError(f"{path.name} has no array '{key}'; it has {', '.join(list(arrays)[:8]) or 'none'}.")
    array = arrays[key] if key in arrays else next(iter(arrays.values()))
    if array.ndim not in ranks or 0 in array.shape:
        raise UsageError(f"{path.name} has the shape {array.shape}; {key} needs one row a picture.")
    return array


def _arrays(path: Path) -> dict[str, Floats]:
    if path.suffix.lower() not in READ:
        raise UsageError(f"{path.name} is no file of latents; choose a .npy, .npz or .pt file.")
    return _numpy_arrays(path) if path.suffix.lower() in (".npy", ".npz") else _torch_arrays(path)


def _best(path: Path, arrays: dict[str, Floats]) -> tuple[str, Floats]:
    """The array that is meant: by its name, or because there is no other."""
    for known in (*W_NAMES, *Z_NAMES):
        for name, array in arrays.items():
            if name.rpartition(".")[2].lower() == known:
                return name, array
    if len(arrays) == 1:
        return next(iter(arrays.items()))
    raise UsageError(f"{path.name} has no array called w or z; it has {', '.join(list(arrays)[:8]) or 'none'}.")


def _torch_arrays(path: Path) -> dict[str, Floats]:
    from core.loading.arrays import read_torch_arrays
    from core.loading.saved import to_float32

    try:
        tensors = read_torch_arrays(path)
        numbers = {name: to_float32(tensor) for name, tensor in tensors.items() if tensor.shape and tensor.array.size}
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    for array in numbers.values():
        _check_finite(path, array)
    return numbers


def _numpy_arrays(path: Path) -> dict[str, Floats]:
    """All arrays of a file; that of .npy is called "". Raises UsageError."""
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                return {"": _floats(path, loaded)}
            return {name: _floats(path, array) for name in loaded.files if (array := loaded[name]).dtype.kind in REAL}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or 'it is no NumPy file'}.") from error
    except (ValueError, EOFError, TypeError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise UsageError(f"{path.name} holds no numbers in NumPy's format; write it with numpy.save.") from error
    except MemoryError as error:
        raise UsageError(f"{path.name} claims more numbers than fit into memory; write it again.") from error


def _floats(path: Path, loaded: npt.NDArray[np.generic]) -> Floats:
    if loaded.dtype.kind not in REAL:
        raise ValueError(f"{loaded.dtype} is no kind of real number")
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        array: Floats = loaded.astype(np.float32)
    _check_finite(path, array)
    return array


def _check_finite(path: Path, array: Floats) -> None:
    if not np.isfinite(array).all():
        raise UsageError(f"{path.name} holds NaN or infinity.")
