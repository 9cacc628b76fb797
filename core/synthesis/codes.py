"""Grids of codes as a latent: the codebook of a network, codes drawn from seeds, what lies between codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.base.errors import UsageError
from core.base.progress import Progress
from core.request import Codes
from core.request.grids import stretched
from core.synthesis.blending import Blended
from core.synthesis.generator import Generator

MAX_DISTANCES = 1 << 25  # held at once


@dataclass(frozen=True, eq=False)
class Codebook:
    """The vectors that the codes of a network stand for."""

    vectors: Tensor  # float32 [count, w_dim]
    published: tuple[int, ...] = ()  # the codes that the network was used with; empty: all

    @property
    def used(self) -> npt.NDArray[np.int64]:
        """The codes that training has moved from where they started, within 1 / count of zero; all if it has none."""
        moved = self.vectors.abs().amax(dim=1) > 1 / len(self.vectors)
        codes: npt.NDArray[np.int64] = moved.nonzero().flatten().cpu().numpy()
        codes = np.intersect1d(codes, self.published) if self.published else codes
        return codes if len(codes) else np.arange(len(self.vectors))

    def embed(self, codes: Tensor) -> Tensor:
        """int64 [N, rows, columns] -> ws, float32 [N, 1, rows, columns, w_dim]"""
        return self.vectors[codes.to(self.vectors.device)][:, None]

    def nearest(self, vectors: Tensor) -> Tensor:
        """The code whose vector is nearest. float32 [..., w_dim] -> int64 [...]"""
        flat = vectors.reshape(-1, vectors.shape[-1])
        squares = self.vectors.square().sum(dim=1)
        at_once = max(1, MAX_DISTANCES // len(self.vectors))
        found = [
            (part.square().sum(dim=1, keepdim=True) + squares - 2 * (part @ self.vectors.t())).argmin(dim=1)
            for part in torch.split(flat, at_once)
        ]
        return torch.cat(found).reshape(vectors.shape[:-1])


@runtime_checkable
class TakesCodes(Protocol):
    """A generator whose ws is a grid of vectors of a codebook."""

    @property
    def codebook(self) -> Codebook: ...

    def encode(self, picture: Tensor, progress: Progress) -> Tensor:
        """The codes of a picture. float32 [1, C, H, W], -1..1 -> int64 [rows, columns]; on the generator's device.

        Only where `ModelInfo.codes` does not say why not.
        """
        ...


def coder_of(generator: Generator) -> TakesCodes | None:
    """The network in a generator that takes codes; None if it takes something else."""
    network = generator.mixed if isinstance(generator, Blended) else generator
    return network if isinstance(network, TakesCodes) else None


def drawn(codebook: Codebook, seed: int, rows: int, columns: int) -> npt.NDArray[np.int64]:
    """The codes that a seed stands for, [rows, columns]: each of those that training used is equally likely."""
    used = codebook.used
    picks = np.random.RandomState(seed & 0xFFFFFFFF).randint(len(used), size=(rows, columns))
    codes: npt.NDArray[np.int64] = used[picks]
    return codes


def ws_of_seeds(codebook: Codebook, seeds: tuple[int, ...], rows: int, columns: int) -> Tensor:
    """float32 [N, 1, rows, columns, w_dim]"""
    grids = [drawn(codebook, seed, rows, columns) for seed in seeds]
    return codebook.embed(torch.from_numpy(np.stack(grids)))


def ws_of_codes(codebook: Codebook, codes: Codes, rows: int, columns: int) -> Tensor:
    """Codes, stretched to a grid. float32 [1, 1, rows, columns, w_dim]. Raises UsageError if they do not fit."""
    check(codes, len(codebook.vectors))
    indices = stretched(codes, rows, columns).indices
    return codebook.embed(torch.tensor(indices).reshape(1, rows, columns))


def check(codes: Codes, count: int) -> None:
    """Raises UsageError if a grid contradicts itself, or has codes that a network of `count` has not."""
    if len(codes.indices) != codes.rows * codes.columns or not codes.indices:
        raise UsageError(f"There are {len(codes.indices)} codes for a grid of {codes.rows} x {codes.columns}.")
    highest = max(codes.indices)
    if min(codes.indices) < 0 or highest >= count:
        raise UsageError(f"There is a code {highest}; this network has codes 0 to {count - 1}.")
