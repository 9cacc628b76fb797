"""Pictures as latents of a network with codes: chosen or dropped, encoded in the background."""

from __future__ import annotations

from pathlib import Path

from core.documents.pictures import PICTURES, Fit
from core.render.operations import EncodePicture
from core.request import Codes, ModelInfo
from visualizer.actions.ports import FileChooser
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.session.work.jobs import Job

NO_NETWORK = "No network is open."
NO_CODES = "This network takes no codes."


class Encoding:
    """What the window does with pictures of other programs."""

    def __init__(self, session: Session, files: FileChooser) -> None:
        self._session = session
        self._files = files
        self.fit = Fit.AUTO
        self._job: Job[Codes] | None = None

    @property
    def job(self) -> Job[Codes] | None:
        """The picture that is being encoded."""
        return self._job if self._job in self._session.operations else None

    def choose(self) -> None:
        self._files.choose("Encode a picture", frozenset(PICTURES), self.start)

    def opened(self, path: Path) -> None:
        """A picture without settings was opened: its codes become the latent, where the network can make them."""
        session, why_not = self._session, why_not_encode(self._session.info)
        if why_not in (NO_NETWORK, NO_CODES):
            session.say(f"{path.name} holds no settings", "Only pictures saved here do", kind=Kind.WARNING)
        elif why_not:
            session.say(f"{path.name} cannot be encoded", why_not, kind=Kind.WARNING)
        else:
            self.start(path)

    def start(self, path: Path) -> None:
        session = self._session
        if self._job is not None:
            self._job.cancel()

        def show(codes: Codes) -> None:
            session.edit(latent=codes)
            size = session.info.codes.size if session.info is not None and session.info.codes else 1
            words = f"{codes.rows} × {codes.columns} codes, {codes.columns * size} × {codes.rows * size} pixels"
            session.say(f"Encoded {path.name}", words)

        self._job = session.run(f"Encoding {path.name}", EncodePicture(path, self.fit), show, for_shown=True)


def why_not_encode(info: ModelInfo | None) -> str:
    """Why a network makes no codes of pictures; "": it does."""
    if info is None:
        return NO_NETWORK
    return NO_CODES if info.codes is None else info.codes.no_encoder
