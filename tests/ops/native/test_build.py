"""Building the kernels: where it fails the reason is one sentence, and nothing waits."""

from __future__ import annotations

import configparser
import os
import re
import select
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ops.base.cache_folder import CACHE_VARIABLE
from ops.native import build, cache
from ops.native.self_test import find_fault
from ops.native.state import Library, Phase, State
from ops.native.toolchain import SOURCES, BuildError, library_name

ROOT = Path(__file__).resolve().parent.parent.parent.parent
WORKS = (
    'out=""; for word in "$@"; do [ "$last" = -o ] && out=$word; last=$word; done\n[ -n "$out" ] && echo made > "$out"'
)
FAILS = "printf 'k\\351rnels.cpp:1: error: fa\\377iled\\n' >&2; exit 1"  # not UTF-8

posix = pytest.mark.skipif(sys.platform == "win32", reason="the compiler of these tests is a shell script")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """That of a process that has built nothing yet."""
    fresh = Library()
    monkeypatch.setattr(build, "LIBRARY", fresh)
    return fresh


@pytest.fixture
def folder(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "ops"


def use_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Path:
    """A compiler that notes each call in the file that is returned."""
    script, calls = tmp_path / "compiler", tmp_path / "calls"
    script.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "compiler 1.0"; exit 0; fi\necho call >> "{calls}"\n{body}\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CXX", str(script))
    calls.touch()
    return calls


def is_a_sentence(reason: str) -> bool:
    return bool(re.fullmatch(r"[^\n]{10,400}", reason)) and "Traceback" not in reason


def test_a_missing_compiler_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "/nowhere/c++")
    state = build.run()
    assert state == State(Phase.FAILED, "the C++ compiler /nowhere/c++ that CXX names is not there")


def test_where_there_is_no_compiler_one_reads_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    assert build.run().reason.startswith("no C++ compiler was found; install ")


@posix
def test_a_compiler_that_does_not_run_is_quoted(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "c++"
    broken.write_text("#!/bin/sh\nprintf 'br\\377ken\\n' >&2; exit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    assert build.run() == State(Phase.FAILED, f"the C++ compiler {broken} does not run: br\ufffdken")


@posix
def test_what_a_compiler_complains_of_is_told_whatever_its_encoding(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_compiler(tmp_path, monkeypatch, FAILS)
    state = build.run()
    assert state.phase is Phase.FAILED
    assert state.reason.startswith("compiler 1.0 can not compile the kernels: k\ufffdrnels.cpp:1: error: fa\ufffdiled")
    assert is_a_sentence(state.reason)
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []
    assert b"fa\xffiled" in (folder / build.LOG).read_bytes()


@posix
def test_without_ninja_one_reads_how_to_get_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_compiler(tmp_path, monkeypatch, WORKS)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "/bin/nowhere")
    assert build.run().reason == "ninja was not found; install it, as in: pip install ninja"


@posix
def test_a_cache_that_can_not_be_written_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_compiler(tmp_path, monkeypatch, WORKS)
    (tmp_path / "cache").write_text("a file where the folder should be")
    state = build.run()
    assert state.phase is Phase.FAILED
    assert str(tmp_path / "cache") in state.reason
    assert is_a_sentence(state.reason)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_cache_that_may_not_be_written_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_compiler(tmp_path, monkeypatch, WORKS)
    (tmp_path / "cache").mkdir(mode=0o555)
    assert "Permission denied" in build.run().reason


@posix
def test_a_library_is_made_once_and_made_again_when_it_was_damaged(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = use_compiler(tmp_path, monkeypatch, WORKS)
    assert build.find_or_make(make=False) is None
    library = build.find_or_make()
    assert library is not None
    steps = len(calls.read_text().splitlines())
    assert build.find_or_make() == build.find_or_make(make=False) == library
    assert len(calls.read_text().splitlines()) == steps
    library.write_bytes(b"mad")
    assert build.find_or_make() == library
    assert library.read_bytes() == b"made\n"
    assert len(calls.read_text().splitlines()) == 2 * steps
    assert sorted(path.name for path in library.parent.iterdir()) == sorted([cache.CHECKSUM, library_name()])


@posix
def test_what_torch_can_not_load_is_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_compiler(tmp_path, monkeypatch, WORKS)
    state = build.run()
    assert state.phase is Phase.FAILED
    assert state.reason.startswith("the built kernels can not be loaded: ")
    assert is_a_sentence(state.reason)


@posix
def test_progress_tells_each_part_and_the_whole(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = use_compiler(tmp_path, monkeypatch, WORKS)
    told: list[tuple[float, str]] = []
    build.find_or_make(lambda part, text: told.append((part, text)))
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    total = len(calls.read_text().splitlines())
    assert told[-1] == (0.9, f"Compiling the kernels: {total} of {total} parts")


def test_the_installed_program_has_all_sources_of_the_library() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = setup["options.package_data"]["ops"].split()
    sources = [path for path in SOURCES.rglob("*") if path.is_file()]
    assert [path.name for path in sources if not any(path in SOURCES.parent.glob(each) for each in patterns)] == []


def test_without_leave_to_compile_nothing_is_built(folder: Path, library: Library) -> None:
    assert build.run(make=False) == library.state
    assert library.state.phase is Phase.NOT_BUILT
    assert not folder.exists()


@posix
def test_a_library_in_the_package_needs_no_compiler(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "PREBUILT", tmp_path / "package" / "_prebuilt")
    use_compiler(tmp_path, monkeypatch, WORKS)
    packaged = build.package()
    monkeypatch.setenv("CXX", "/nowhere/c++")
    assert build.find_or_make() == packaged
    packaged.write_bytes(b"damaged")
    with pytest.raises(BuildError, match="is not there"):
        build.find_or_make()


@posix
def test_libraries_that_nobody_uses_any_more_are_removed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unused, used = folder / "of-an-old-torch", folder / "of-another-torch"
    for old in (unused, used):
        old.mkdir(parents=True)
        (old / cache.CHECKSUM).write_text("x")
        os.utime(old, (0, 0))
    cache.use(used / library_name())
    use_compiler(tmp_path, monkeypatch, WORKS)
    made = build.find_or_make()
    assert made is not None
    assert sorted(path.parent for path in folder.glob(f"*/{cache.CHECKSUM}")) == sorted([used, made.parent])


@posix
def test_compilers_can_be_stopped(
    folder: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = tmp_path / "began"
    os.mkfifo(began)
    use_compiler(tmp_path, monkeypatch, f'exec > "{began}"; echo began; exec sleep 600')
    building = build.start()
    with began.open("rb", buffering=0) as written:
        assert written.read(6) == b"began\n"  # waits for the first of them
        build.stop()
        building.join(60)
        assert not building.is_alive()
        ended = False
        while not ended and select.select([written], [], [], 60)[0]:
            ended = written.read(64) == b""  # the last of them
        assert ended, "a compiler goes on"
    assert library.state.phase is Phase.FAILED


def test_the_library_can_be_turned_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(build.OFF_VARIABLE, "0")
    assert build.run() == State(Phase.OFF, "the kernels are turned off by VISUALIZER_NATIVE_OPS=0")
    assert not folder.exists()


def test_a_build_in_the_background_says_how_it_ended(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "/nowhere/c++")
    build.start().join()
    assert library.state.phase is Phase.FAILED


HOLD = """
import sys
from pathlib import Path
from ops.native.cache import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_ends_with_its_holder_even_if_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(BuildError, match="another process has been building"), cache.locked(path, timeout_s=0):
            pass
        holder.kill()  # SIGKILL
    with cache.locked(path, timeout_s=0):
        pass


def test_the_command_builds_or_says_in_one_line_why_not(tmp_path: Path) -> None:
    environment = os.environ | {"CXX": "/nowhere/c++", CACHE_VARIABLE: str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "ops", "--build"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1] == "error: the C++ compiler /nowhere/c++ that CXX names is not there"


# ----------------------------------------------------------------------------
# The library that was built for these tests.

LOAD = """
from ops.native import build
state = build.run()
print(state.phase.name, state.reason)
"""


SETS = ["baseline", "avx2", "avx512", "avx512_bf16"]  # each needs the one before


@pytest.mark.parametrize("instructions", SETS)
def test_the_kernels_for_lesser_processors_pass_the_self_test(
    native: State, library_cache: Path, instructions: str
) -> None:
    if SETS.index(instructions) > SETS.index(native.reason):
        pytest.skip(f"this processor has no {instructions}")
    environment = os.environ | {"STYLEGAN_OPS_INSTRUCTIONS": instructions, CACHE_VARIABLE: str(library_cache)}
    ended = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout == f"READY {instructions}\n"


@pytest.mark.filterwarnings("ignore:Warning only once for all operators")  # that one is overridden, as is meant here
def test_the_self_test_finds_a_wrong_kernel(native: State) -> None:
    def wrong(x: Tensor, f: Tensor | None, *others: object) -> Tensor:
        return x.new_zeros(2, 3, 1, 1)

    assert find_fault() == ""
    with torch.library._scoped_library("stylegan_ops", "IMPL") as library:
        library.impl("upfirdn2d", wrong, "CPU", allow_override=True)
        assert find_fault() == "upfirdn2d gives wrong values for torch.float32 of the shape (2, 3, 1, 1)"
    assert find_fault() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_kernels_share_the_threads_of_torch(native: State) -> None:
    maps = Path("/proc/self/maps").read_text()
    assert len(set(re.findall(r"\S*/lib(?:g|i)?omp\S*", maps))) == 1


def test_the_report_names_the_instruction_set(native: State) -> None:
    from ops import backends

    assert {report.backend for report in backends()} == {f"native: C++ kernels, {native.reason}"}
