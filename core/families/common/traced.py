"""Arrays that remember which tensor of a file they were made of, so that messages can name what the user has."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


class Traced(np.ndarray[Any, np.dtype[Number]]):
    """Views of it, other orders of its axes and its products with numbers remember the same, as numpy's subclasses do;
    where several arrays are joined, `made_of` has to say it."""

    source = ""  # the tensor's name in the file; "": it is of no file
    source_shape: tuple[int, ...] = ()

    def __array_finalize__(self, before: npt.NDArray[Any] | None) -> None:
        if isinstance(before, Traced):
            self.source, self.source_shape = before.source, before.source_shape


def traced(array: npt.NDArray[Number], source: str) -> Traced[Number]:
    """A view of the whole tensor of this name."""
    view: Traced[Number] = array.view(Traced)
    view.source, view.source_shape = source, array.shape
    return view


def made_of(tensor: npt.NDArray[Number], array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """An array that was computed from a tensor in a way that numpy does not follow."""
    if not isinstance(tensor, Traced):
        return array
    view: Traced[Number] = array.view(Traced)
    view.source, view.source_shape = tensor.source, tensor.source_shape
    return view


def source_of(array: npt.NDArray[Any]) -> tuple[str, tuple[int, ...] | None]:
    """The name and the shape of the tensor that it was made of; "" and None if it was made up."""
    return (array.source, array.source_shape) if isinstance(array, Traced) else ("", None)
