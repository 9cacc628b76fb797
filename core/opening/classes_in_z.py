"""Networks whose last numbers of z may be a class, of which the file does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UsageError
from core.opening.class_counts import remembered_count, with_count
from core.opening.class_names import count_beside
from core.request import ModelInfo, Origin

if TYPE_CHECKING:
    from core.families import Recognised

SET, BESIDE = "as was set for it", "as the file of their names beside it says"


@dataclass(frozen=True)
class ClassesInZ:
    """What is known of a network's classes beyond its file."""

    location: str  # what names the network and, where that is open, its number of classes
    most: int = 0  # how many there can be; 0: there are none, or the file tells all
    count: int = 0  # how many there are
    notes: tuple[str, ...] = ()


def classes_in_z(recognised: Recognised, info: ModelInfo, origin: Origin, wanted: int | None) -> ClassesInZ:
    """wanted: as many as the user named; None: what was set before, else what a file of names beside it says.

    info, origin: of the network without them. Raises UsageError if there cannot be so many.
    """
    most = info.z_dim - 1 if recognised.takes_classes and not info.c_dim else 0
    if wanted and not most and wanted != info.c_dim:
        has = f"its {info.c_dim} classes are in its file" if info.c_dim else "none of its z can be a class"
        raise UsageError(f"This network cannot be said to have {wanted} classes: {has}. Leave the number out.")
    if most <= 0:
        return ClassesInZ(origin.location)
    if wanted is not None and wanted > most:
        raise UsageError(
            f"This network cannot have {wanted} classes: they are a part of its z, which has {most + 1} numbers. Give "
            f"0 to {most}."
        )
    if wanted is not None:
        return ClassesInZ(with_count(origin.location, wanted), most, wanted)
    for count, source in ((remembered_count(origin.digest), SET), (count_beside(Path(origin.path)), BESIDE)):
        if count is not None and 0 <= count <= most:
            notes = (f"The last {count} numbers of its z are classes, {source}.",) if count else ()
            return ClassesInZ(with_count(origin.location, count), most, count, notes)
    return ClassesInZ(with_count(origin.location, 0), most)
