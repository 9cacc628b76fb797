"""Whether this process has the native library, or why not, in one sentence. Imports no torch."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, field
from enum import Enum


class Phase(Enum):
    NOT_BUILT = "not built"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"  # it can not be built or loaded
    REJECTED = "rejected"  # it was loaded, and gives wrong results
    OFF = "off"


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase
    reason: str  # why it does not run; ready: the instruction set that runs

    @property
    def why_not(self) -> str:
        return "" if self.phase is Phase.READY else self.reason


@dataclass
class Library:
    """The native library of this process. Torch's operations can be registered once only, so there is one."""

    state: State = State(Phase.NOT_BUILT, "the kernels are not built yet: python -m ops --build")
    lock: threading.Lock = field(default_factory=threading.Lock)  # held while it is built and loaded
    compiling: subprocess.Popen[bytes] | None = None  # ninja, with the compilers in its process group


LIBRARY = Library()
