"""CUDA kernels run on the host, block by block: the same sources, compiled by the C++ compiler, over emulation.h."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ops.cuda.kernel import SOURCES, THREADS, Kernel, Launch

HERE = Path(__file__).parent
COMPILER = shutil.which("g++") or shutil.which("clang++")
OPTIONS = ("-std=c++17", "-w", "-shared", "-fPIC", "-U_FORTIFY_SOURCE", f"-I{HERE}", f"-I{SOURCES}")
OUTCOMES = ("done", "a thread wrote behind the shared memory", "some threads missed a barrier")


class Emulator:
    """Compiles kernels when they are first run, several in one library."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._compiled: dict[Kernel, tuple[ctypes.CDLL, int]] = {}

    def compile(self, kernels: Iterable[Kernel]) -> None:
        new = [kernel for kernel in dict.fromkeys(kernels) if kernel not in self._compiled]
        if not new:
            return
        path = self._folder / f"{len(self._compiled)}.so"
        text = '#include "emulation.h"\n#include "activations.cuh"\n' + "".join(map(entry, range(len(new)), new))
        command = [str(COMPILER), *OPTIONS, "-x", "c++", "-", "-o", str(path)]
        subprocess.run(command, input=text, text=True, check=True)
        library = ctypes.CDLL(str(path))
        self._compiled |= {kernel: (library, i) for i, kernel in enumerate(new)}

    def run(self, launches: Iterable[Launch], *, falling: bool = False) -> None:
        """`falling`: blocks and threads in the opposite order; where that matters, a barrier is missing."""
        launches = list(launches)
        self.compile(launch.kernel for launch in launches)
        for launch in launches:
            library, i = self._compiled[launch.kernel]
            assert library[f"size_{i}"]() == ctypes.sizeof(launch.parameters), "the structures differ"
            outcome = library[f"run_{i}"](ctypes.byref(launch.parameters), launch.blocks, falling)
            assert outcome == 0, OUTCOMES[outcome]


def entry(i: int, kernel: Kernel) -> str:
    name = kernel.name
    return "\n".join(
        (
            f"namespace kernel_{i} {{",
            *(f"#define {macro} {value}" for macro, value in kernel.macros),
            f'#include "{name}.cu"',
            *(f"#undef {macro}" for macro, _ in kernel.macros),
            f"void start(const void* of) {{ emulation::call({name}, of); }}",
            "}",
            f'extern "C" int size_{i}() {{ return emulation::size(kernel_{i}::{name}); }}',
            f'extern "C" int run_{i}(const void* of, int blocks, int falling) {{',
            f"    return emulation::run(kernel_{i}::start, of, blocks, {THREADS}, {kernel.shared_bytes}, falling);",
            "}\n",
        )
    )
