"""On which device the weights of the open networks are. Nothing else moves them."""

from __future__ import annotations

from typing import Protocol
from weakref import ref

import torch

from core.base.device import open_device
from core.base.errors import DeviceError
from core.base.process import release_freed_memory
from core.synthesis.generator import Generator

TOO_SMALL = "The network does not fit its memory."


class Placement(Protocol):
    """What a renderer needs of a placement."""

    @property
    def name(self) -> str:
        """The device as it was asked for."""
        ...

    @property
    def may_fall_back(self) -> bool:
        """Whether this user may have the weights moved to the CPU, where they are not yet."""
        ...

    @property
    def device(self) -> torch.device | None:
        """None before the first use."""
        ...

    @property
    def moves(self) -> int:
        """How often all went to another device. What was made before is of the one before."""
        ...

    @property
    def note(self) -> str:
        """Why the CPU stands in; "": it does not."""
        ...

    def place(self, generator: Generator) -> torch.device:
        """The device, with the weights of a network on it.

        Raises DeviceError, and torch.OutOfMemoryError if they do not fit.
        """
        ...

    def fall_back(self, reason: str) -> None:
        """Take all weights to the CPU."""
        ...


class WeightPlacement:
    """One device for all networks that were placed, and the CPU when it fails and `fallback` allows it."""

    def __init__(self, name: str = "cpu", *, fallback: bool = False) -> None:
        self.name = name
        self._fallback = fallback
        self.device: torch.device | None = None
        self.moves = 0
        self.note = ""
        self._placed: list[ref[Generator]] = []

    @property
    def may_fall_back(self) -> bool:
        return self._fallback and (self.device is None or self.device.type != "cpu")

    def use(self, name: str) -> None:
        """Begin with a device, perhaps anew: networks come to it when they are used next."""
        if (self.name, self.note) != (name, ""):
            self.name, self.note, self.device, self._placed = name, "", None, []
            self.moves += 1

    def place(self, generator: Generator) -> torch.device:
        try:
            self.bring(generator, self.open())
        except (DeviceError, torch.OutOfMemoryError) as error:
            if not self.may_fall_back:
                raise
            self._placed.append(ref(generator))
            self.fall_back(str(error) if isinstance(error, DeviceError) else TOO_SMALL)
        assert self.device is not None
        return self.device

    def open(self) -> torch.device:
        """The device, opened on first use. Raises DeviceError."""
        if self.device is None:
            self.device = open_device(self.name)
        return self.device

    def fall_back(self, reason: str) -> None:
        self.note = f"Running on the CPU instead of {self.name}. {reason}"
        self.device = torch.device("cpu")
        self.moves += 1
        placed, self._placed = self._placed, []
        for held in placed:
            if (generator := held()) is not None:
                self.bring(generator, self.device)

    def bring(self, generator: Generator, device: torch.device) -> None:
        if any(held() is generator for held in self._placed):
            return
        release_freed_memory()  # an earlier network may just have been dropped
        generator.to(device)
        self._placed = [*(held for held in self._placed if held() is not None), ref(generator)]


class GuestPlacement:
    """The placement as a job has it: its networks come to where the shown ones are, and nothing is moved away."""

    may_fall_back = False

    def __init__(self, host: WeightPlacement) -> None:
        self._host = host

    @property
    def name(self) -> str:
        return self._host.name

    @property
    def device(self) -> torch.device | None:
        return self._host.device

    @property
    def moves(self) -> int:
        return self._host.moves

    @property
    def note(self) -> str:
        return self._host.note

    def place(self, generator: Generator) -> torch.device:
        device = self._host.open()
        self._host.bring(generator, device)
        return device

    def fall_back(self, reason: str) -> None:
        raise RuntimeError("a job moves no weights")
