"""Builds, loads and tests the native library: a job for a thread, whose failure is a sentence.

Nothing here runs by itself. While a build goes on, and if it fails, the other backends run.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..base.cache_folder import cache_folder
from . import cache
from .cpu_allocator import keep_blocks
from .state import LIBRARY, Phase, State
from .toolchain import SOURCES, BuildError, Compiler, Torch, commands, find_compiler, find_ninja, first_line, text_of

Progress: TypeAlias = Callable[[float, str], None]  # part done, 0..1, and what is being done

OFF_VARIABLE = "VISUALIZER_NATIVE_OPS"  # 0: no kernels of our own
PREBUILT = Path(__file__).parent.parent / "_prebuilt"
BUILD_TIMEOUT_S = 900.0
END_TIMEOUT_S = 5.0  # for compilers to end when they are told to
NICENESS = 10
LOG = "build.log"


def silent(part: float, text: str) -> None:
    """Progress that nobody sees."""


def start(progress: Progress = silent) -> threading.Thread:
    """`run` in a thread of its own. `LIBRARY.state` tells what came of it."""
    thread = threading.Thread(target=run, args=(progress,), name="build of the kernels", daemon=True)
    thread.start()
    return thread


def run(progress: Progress = silent, *, make: bool = True) -> State:
    """Have the library: from this process, the package, the cache or, if `make`, the compiler. Blocks; raises nothing.

    A failure may be mended and tried again; what was loaded and found wrong stays so until the process ends.
    """
    with LIBRARY.lock:
        if LIBRARY.state.phase in (Phase.READY, Phase.REJECTED):
            return LIBRARY.state
        if os.environ.get(OFF_VARIABLE) == "0":
            LIBRARY.state = State(Phase.OFF, f"the kernels are turned off by {OFF_VARIABLE}=0")
            return LIBRARY.state
        before, LIBRARY.state = LIBRARY.state, State(Phase.BUILDING, "the kernels are being built")
        try:
            library = find_or_make(progress, make=make)
            state = before if library is None else _load(library, progress)
        except BuildError as error:
            state = State(Phase.FAILED, str(error))
        except OSError as error:
            where = f" in {error.filename}" if error.filename else ""
            state = State(Phase.FAILED, f"the kernels can not be built{where}: {error.strerror or error}")
        except Exception as error:  # whatever it is, there is another backend
            state = State(
                Phase.FAILED, f"the kernels can not be built: {type(error).__name__}: {first_line(str(error))}"
            )
        LIBRARY.state = state
    return state


def _load(library: Path, progress: Progress) -> State:
    """Load it and compare its results. Torch keeps what was loaded, so there is one try in a process."""
    import torch

    from .registration import register
    from .self_test import find_fault

    progress(0.95, "Testing the kernels")
    try:
        torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
    except OSError as error:
        raise BuildError(f"the built kernels can not be loaded: {first_line(str(error))}") from error
    try:
        register()
        fault = find_fault()
    except Exception as error:  # of kernels that can not even be called
        fault = f"{type(error).__name__}: {first_line(str(error))}"
    if fault:
        return State(Phase.REJECTED, f"the kernels were rejected: {fault}")
    keep_blocks()
    progress(1.0, "The kernels are ready")
    return State(Phase.READY, str(torch.ops.stylegan_ops.instruction_set()))


def find_or_make(progress: Progress = silent, *, make: bool = True) -> Path | None:
    """The library for this torch and machine: of the package, the cache, or new; None: it would have to be made.

    Raises BuildError or OSError.
    """
    progress(0.0, "Looking for built kernels")
    torch = _installed_torch()
    machine, files = _machine(torch), _sources()
    prebuilt = cache.find(PREBUILT / cache.digest(machine, files))
    return prebuilt or _cached_or_made(torch, progress, make=make)


def package(progress: Progress = silent) -> Path:
    """Put the library into the package itself, for a wheel for machines without a compiler but with this torch.

    Raises BuildError or OSError.
    """
    torch = _installed_torch()
    library = _cached_or_made(torch, progress, make=True)
    assert library is not None  # it was made, or an error raised
    return cache.copy(library, PREBUILT / cache.digest(_machine(torch), _sources()))


def _machine(torch: Torch) -> tuple[str, ...]:
    return torch.version, str(torch.new_strings), sys.implementation.cache_tag, sys.platform, platform.machine()


def _sources() -> list[Path]:
    return [path for path in SOURCES.rglob("*") if path.suffix in (".cpp", ".h") and "cuda" not in path.parts]


def _cached_or_made(torch: Torch, progress: Progress, *, make: bool) -> Path | None:
    machine, files = _machine(torch), _sources()
    compiler = find_compiler()
    steps = commands(compiler, torch)
    flags = (word for step in steps.values() for word in step)
    name = cache.digest((*machine, compiler.version, *flags), files)
    root = cache_folder()
    folder = root / name
    found = cache.find(folder)
    if found is not None or not make:
        return None if found is None else cache.use(found)
    ninja = find_ninja()
    root.mkdir(parents=True, exist_ok=True)
    progress(0.0, "Waiting for another build")
    with cache.locked(root / f"{name}.lock"):
        found = cache.find(folder)  # the other process may have made it
        if found is not None:
            return found
        for left in root.glob(f"{name}-*"):  # by builds that were killed: who builds holds the lock
            shutil.rmtree(left, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root))
        try:
            _compile(ninja, compiler, steps, made, root / LOG, progress)
            cache.remove_unused(root)
            return cache.publish(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def stop() -> None:
    """End the compilers, if some are running: the process is about to end."""
    process = LIBRARY.compiling
    if process is not None:
        _end(process)


def _installed_torch() -> Torch:
    import torch

    return Torch(Path(torch.__file__).parent, torch.__version__, torch.compiled_with_cxx11_abi())


def _compile(
    ninja: str, compiler: Compiler, steps: dict[str, list[str]], folder: Path, log: Path, progress: Progress
) -> None:
    """Run the steps, the last one after the others. Raises BuildError with the compiler's first complaint."""
    join = subprocess.list2cmdline if sys.platform == "win32" else shlex.join
    *objects, library = steps
    lines = ["rule run", "  command = $line", "  description = $out"]
    for target, step in steps.items():
        after = f" {' '.join(objects)}" if target == library else ""
        lines += [f"build {target}: run{after}", f"  line = {join(step).replace('$', '$$')}"]
    (folder / "build.ninja").write_text("\n".join(lines) + "\n", encoding="utf-8")

    progress(0.0, "Compiling the kernels")
    environment = os.environ | {"NINJA_STATUS": "[%f/%t] "}
    # A session of its own: an interrupt from the keyboard is for the program, which then ends it.
    process = subprocess.Popen(
        [ninja, "-C", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    timed_out = threading.Event()

    def end_late() -> None:
        timed_out.set()
        _end(process)

    if sys.platform != "win32":
        os.setpriority(os.PRIO_PGRP, process.pid, NICENESS)  # pictures are made meanwhile
    LIBRARY.compiling = process
    watch = threading.Timer(BUILD_TIMEOUT_S, end_late)
    watch.start()
    printed = bytearray()
    try:
        assert process.stdout is not None  # a pipe, as asked for
        for line in process.stdout:
            printed += line
            if counted := re.match(rb"\[(\d+)/(\d+)\]", line):
                done, total = int(counted[1]), int(counted[2])
                progress(0.9 * done / total, f"Compiling the kernels: {done} of {total} parts")
        code = process.wait()
    finally:
        LIBRARY.compiling = None
        watch.cancel()
        if process.poll() is None:
            _end(process)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if timed_out.is_set():
        raise BuildError(f"compiling the kernels took longer than {BUILD_TIMEOUT_S / 60:g} minutes")
    if code != 0:
        log.write_bytes(printed)
        raise BuildError(f"{compiler.version} can not compile the kernels: {_complaint(printed)} (all of it: {log})")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End ninja and its compilers, each of which has a process group of its own: only ninja can end them all."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        return
    process.terminate()
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _complaint(printed: bytes | bytearray) -> str:
    """The line that says most, of all that compilers and ninja printed."""
    lines = [line for line in text_of(bytes(printed)).splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    own = [line for line in lines if not line.startswith(("ninja:", "FAILED:", "["))]
    return first_line(next(iter(errors or own[1:] or lines), "no message"))
