"""What the window knows of a network's codes: a colour for each, which are alike, and those of the shown picture."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from core.request import Codes
from visualizer.session.loader import Loaded

if TYPE_CHECKING:
    from visualizer.session.session import Session

Floats = npt.NDArray[np.float32]
DARKEST, LIGHTEST = 40, 245  # of the colours


class Codebook:
    """The vectors of all codes, [count, w_dim], and which of them seeds draw."""

    def __init__(self, vectors: Floats, used: npt.NDArray[np.int64]) -> None:
        self.vectors, self.used = vectors, used

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def colours(self) -> npt.NDArray[np.uint8]:
        """Codes whose vectors lie near each other have colours near each other, uint8 [count, 3].

        Red, green and blue are the places of a code along the first three principal components, among all codes.
        """
        centred = self.vectors - self.vectors.mean(axis=0)
        _, directions = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
        along = centred @ directions[:, ::-1][:, :3].astype(np.float32)
        colours = np.full((len(self), 3), (DARKEST + LIGHTEST) // 2, np.uint8)
        for axis in range(along.shape[1]):
            places = np.empty(len(self))
            places[np.argsort(along[:, axis], kind="stable")] = np.linspace(DARKEST, LIGHTEST, len(self))
            colours[:, axis] = places.astype(np.uint8)
        return colours

    def alike(self, code: int) -> npt.NDArray[np.int64]:
        """All codes, that itself first, then by the distance of their vectors."""
        distances = np.square(self.vectors - self.vectors[code]).sum(axis=1)
        distances[code] = -1
        order: npt.NDArray[np.int64] = np.argsort(distances, kind="stable")
        return order


_known: WeakKeyDictionary[Loaded, Codebook] = WeakKeyDictionary()


def codebook_of(loaded: Loaded) -> Codebook | None:
    """That of an open network, found once; None if it has none."""
    if loaded.info.codes is None or loaded.generator is None:
        return None
    if loaded not in _known:
        from core.synthesis.codes import coder_of

        coder = coder_of(loaded.generator)
        if coder is None:
            return None
        found = coder.codebook
        _known[loaded] = Codebook(found.vectors.float().cpu().numpy(), found.used)
    return _known[loaded]


def shown_codes(session: Session) -> Codes | None:
    """Those of the latent, as far as they are known without work: of a seed, those of the newest picture."""
    if isinstance(session.request.latent, Codes):
        return session.request.latent
    return session.frame.codes if session.frame is not None else None


def codes_now(session: Session) -> Codes | None:
    """Those of the latent as it is now; None if the network takes none."""
    if isinstance(session.request.latent, Codes):
        return session.request.latent
    loaded = session.loaded
    if loaded is None or loaded.generator is None or loaded.info.codes is None:
        return None
    import torch

    from core.synthesis.mapper import Mapper

    with torch.inference_mode():
        return Mapper(loaded.generator, loaded.info, loaded.generator.w_avg.device).codes(session.request)
