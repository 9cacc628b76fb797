"""Exporting from the shelf: latents, their z, and a contact sheet, into the folder of the captures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.base.text import plural
from core.documents.document import to_text
from core.documents.latents.many import latents_archive, latents_array, z_of_latent
from core.project import Kept
from core.project.shelf import title_of
from core.render.operations import FindLatents, MakeTable, TablePicture
from core.request.tables import Cell, Table
from visualizer.output.capture import encode, save_together
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.contact_sheet import contact_sheet
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.session.work.jobs import Job
from visualizer.toolkit.pixels import Pixels

EMPTY = "The shelf is empty."
NO_NETWORK = "No network is open."
OF_ANOTHER = "They are of other networks than the open one."
NO_Z = "None of them has a z: they lie between seeds, or in W."
ONE_NPZ = "Codes need a .npz, which says how they are counted."

Named = tuple[str, npt.NDArray[np.generic]]


class ShelfExports:
    """Of some of the shelf. Those of other networks than the open one are left out, which is said."""

    def __init__(self, session: Session, folder: CaptureFolder) -> None:
        self._session = session
        self._folder = folder

    def usable(self, some: Sequence[Kept]) -> tuple[Kept, ...]:
        """Those of the open network."""
        loaded = self._session.loaded
        return tuple(one for one in some if loaded is not None and one.request.network == loaded.location)

    def why_not(self, some: Sequence[Kept], *, suffix: str = "", z: bool = False) -> str:
        """Why none of it can be exported; "": it can."""
        info = self._session.info
        if not some:
            return EMPTY
        if info is None:
            return NO_NETWORK
        if not self.usable(some):
            return OF_ANOTHER
        if suffix == ".npy" and info.codes is not None and not z:
            return ONE_NPZ
        return NO_Z if z and not self._with_z(some) else ""

    def latents(self, some: Sequence[Kept], suffix: str) -> None:
        """What the layers of each get, in one file. suffix: .npz, with their names, or .npy."""
        used = self.usable(some)
        array = "codes" if self._session.info is not None and self._session.info.codes is not None else "w"

        def take(found: tuple[npt.NDArray[np.generic], ...]) -> None:
            pairs = [(title_of(one), each) for one, each in zip(used, found, strict=True)]
            self._write(array, pairs, suffix, len(some) - len(used))

        operation = FindLatents(tuple(one.request for one in used))
        self._session.run("Exporting latents", operation, take, failure="Cannot export the latents")

    def zs(self, some: Sequence[Kept], suffix: str) -> None:
        """The z of each that has one, in one file."""
        pairs = self._with_z(some)
        self._write("z", pairs, suffix, len(some) - len(pairs))

    def _with_z(self, some: Sequence[Kept]) -> list[Named]:
        info = self._session.info
        assert info is not None  # a network is open
        found = ((title_of(one), z_of_latent(one.request.latent, info)) for one in self.usable(some))
        return [(name, z) for name, z in found if z is not None]

    def _write(self, array: str, pairs: Sequence[Named], suffix: str, left_out: int) -> None:
        names, arrays = [name for name, _ in pairs], [each for _, each in pairs]
        ending = suffix if array != "z" else f"-z{suffix}"  # a .npy is known as z by its name

        def write() -> bytes:
            return latents_array(arrays) if suffix == ".npy" else latents_archive(array, arrays, names)

        self._save("latents", write, ending, plural(len(pairs), "latent"), left_out)

    def sheet(self, some: Sequence[Kept]) -> None:
        """All pictures with their names, as one picture, with the settings of the first inside."""
        session, used = self._session, self.usable(some)
        loaded = session.loaded
        cells = tuple(Cell(0, index, one.request, title_of(one)) for index, one in enumerate(used))
        job: Job[None] | None = None

        def take(_: None) -> None:
            made: Sequence[TablePicture] = job.published if job is not None else ()
            pictures = [(each.cell.name, each.pixels) for each in made]
            text = to_text(cells[0].request, loaded.origin if loaded else None)
            self._save(
                "contact sheet", lambda: encode(contact_sheet(pictures), ".png", text), ".png",
                plural(len(pictures), "picture"), len(some) - len(used), picture=made[0].pixels if made else None,
            )  # fmt: skip

        job = session.run("Contact sheet", MakeTable(Table(1, len(cells), cells)), take)

    def _save(
        self, what: str, make: Callable[[], bytes], ending: str, count: str, left_out: int,
        *, picture: Pixels | None = None,
    ) -> None:  # fmt: skip
        session, folder = self._session, self._folder.path
        session.start(
            f"Cannot save the {what}",
            lambda: save_together(folder, {ending: make()})[0],
            lambda path: session.say_saved(path, detail=f"{count} · {folder}", picture=picture),
        )
        if left_out:
            session.say(f"{plural(left_out, 'latent')} left out", "Of another network, or without what was asked for",
                        kind=Kind.NOTE)  # fmt: skip
