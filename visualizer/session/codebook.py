"""What the window knows of a network's codes: a colour for each, which are alike, and those of the shown picture."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from core.render.tasks import CodebookTable, Loaded
from core.request import Codes, RenderRequest

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


_known: WeakKeyDictionary[CodebookTable, Codebook] = WeakKeyDictionary()


def codebook_of(loaded: Loaded) -> Codebook | None:
    """That of an open network, made once; None if it has none."""
    if loaded.codebook is None:
        return None
    if loaded.codebook not in _known:
        _known[loaded.codebook] = Codebook(loaded.codebook.vectors, loaded.codebook.used)
    return _known[loaded.codebook]


def shown_codes(session: Session) -> Codes | None:
    """Those of the latent, as far as they are known without work: of a seed, those of the newest picture."""
    if isinstance(session.request.latent, Codes):
        return session.request.latent
    return session.frame.codes if session.frame is not None else None


def codes_now(session: Session) -> Codes | None:
    """Those of the latent as it is now; None while no picture of it is there, or the network takes none."""
    request, frame = session.request, session.frame
    if isinstance(request.latent, Codes):
        return request.latent
    if frame is None or latent_of(frame.request) != latent_of(request):
        return None
    return frame.codes


def latent_of(request: RenderRequest) -> tuple[object, ...]:
    """What the codes of a latent depend on."""
    return request.network, request.latent, request.label, request.grid
