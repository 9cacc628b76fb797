"""Tables of vectors in files: centroids of W, and labels of classes."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import UsageError
from core.base.text import shown
from core.documents.latents.arrays import Array, read_arrays
from core.request import MAX_CENTROIDS, Centroids, ModelInfo, Truncates

LABELS = ("label", "labels", "c", "class", "classes", "y")
CENTROIDS = ("centroids", "centers", "centres")


def read_centroids(path: Path, info: ModelInfo) -> Centroids:
    """The centres of truncation of a file, [K, w_dim]. Raises UsageError."""
    if info.truncates is not Truncates.W:
        raise UsageError(f"{info.family} has no W, and centroids are in W; open another network.")
    name = shown(path.name, 100)
    stored = _chosen(path, CENTROIDS, "centroids", info.w_dim)
    if len(stored.shape) != 2 or 0 in stored.shape or stored.shape[1] != info.w_dim:
        shape = list(stored.shape)
        raise UsageError(f"{name} has the shape {shape}; centroids for this network are [K, {info.w_dim}].")
    if stored.shape[0] * info.w_dim > MAX_CENTROIDS:
        raise UsageError(f"{name} has {stored.shape[0]} centroids; {MAX_CENTROIDS // info.w_dim} are the most.")
    return Centroids(tuple(map(tuple, stored.numbers().tolist())), name)


def read_labels(path: Path, info: ModelInfo) -> tuple[tuple[float, ...], ...]:
    """Labels of classes, [N, c_dim], or one as [c_dim]. Raises UsageError."""
    if not info.c_dim:
        raise UsageError("This network has no classes; leave --label out.")
    stored = _chosen(path, LABELS, "label", info.c_dim)
    if len(stored.shape) not in (1, 2) or 0 in stored.shape or stored.shape[-1] != info.c_dim:
        name, shape = shown(path.name, 100), list(stored.shape)
        raise UsageError(f"{name} has the shape {shape}; labels for this network are [N, {info.c_dim}].")
    return tuple(map(tuple, stored.numbers().reshape(-1, info.c_dim).tolist()))


def _chosen(path: Path, names: tuple[str, ...], what: str, width: int) -> Array:
    """The array that is meant: by its name, because there is no other, or because no other one fits."""
    arrays = read_arrays(path)
    for known in names:
        for array in arrays:
            if array.name.lower() == known:
                return array
    fitting = [array for array in arrays if len(array.shape) == 2 and array.shape[1] == width]
    if len(arrays) == 1 or len(fitting) == 1:
        return (fitting or list(arrays))[0]
    has = ", ".join(dict.fromkeys(f"{array.name} {list(array.shape)}" for array in arrays[:8])) or "none"
    raise UsageError(f"{shown(path.name, 100)} has no array called {what}; it has {has}.")
