"""Memory that the native library keeps for large tensors, each time in a process that did nothing before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from ops.base.cache_folder import CACHE_VARIABLE
from ops.native.cpu_allocator import KEEP_VARIABLE
from ops.native.state import State

ROOT = Path(__file__).resolve().parent.parent.parent.parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems keep torch's own allocator")

# A process that has loaded the library runs a script, or each of many in a copy of itself.
RUN = """
import json
import os
import sys
import torch
from core.base.memory import PeakMemory
from core.base.process import prepare_process, release_freed_memory
from ops.native import build

def tensor(mib):
    return torch.ones(mib << 18)

def growth():
    return memory.growth() >> 20

prepare_process()
early = tensor(64)
assert build.run().phase.name == "READY"
if len(sys.argv) > 1:
    memory = PeakMemory(torch.device("cpu"))
    exec(sys.argv[1])
    sys.exit()
for line in sys.stdin:
    copy = os.fork()
    if not copy:
        exec(json.loads(line))
        sys.stdout.flush()
        os._exit(0)
    print("ended", os.waitpid(copy, 0)[1], flush=True)
"""

Process: TypeAlias = "subprocess.Popen[str]"
Told: TypeAlias = Callable[..., list[int]]


def environment_of(cache: Path, keep: str) -> dict[str, str]:
    return os.environ | {KEEP_VARIABLE: keep, CACHE_VARIABLE: str(cache)}


def told_alone(script: str, cache: Path) -> list[int]:
    """The numbers that a script prints in a process of its own: the growth of a copy tells nothing, its pages of the
    libraries come one by one."""
    command = [sys.executable, "-c", RUN, script]
    environment = environment_of(cache, "1")
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return [int(word) for word in ended.stdout.split()]


@pytest.fixture(scope="module")
def loaded(library_cache: Path) -> Iterator[Callable[[str], Process]]:
    """A process with the library, by how much memory it may keep."""

    @cache
    def start(keep: str) -> Process:
        # A copy has no threads of OpenMP, so there may be none.
        environment = environment_of(library_cache, keep) | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(process)
        return process

    started: list[Process] = []
    yield start
    for process in started:
        process.communicate()


@pytest.fixture
def told(native: State, loaded: Callable[[str], Process]) -> Told:
    """The numbers that a script prints in a process in which the library was loaded."""

    def run(script: str, keep: str = "1") -> list[int]:
        process = loaded(keep)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(script) + "\n")
        process.stdin.flush()
        printed: list[str] = []
        while not (line := process.stdout.readline()).startswith("ended"):
            assert line, "".join(printed)
            printed.append(line)
        assert line == "ended 0\n", "".join(printed)
        return [int(word) for line in printed for word in line.split()]

    return run


def test_a_large_tensor_gets_the_memory_of_one_that_was_dropped(told: Told) -> None:
    script = """
x = tensor(40)
place = x.data_ptr()
del x
y = tensor(40)
print(int(y.data_ptr() == place), int(y.sum()) >> 18)
"""
    assert told(script) == [1, 40]


def test_no_more_is_held_than_was_in_use_at_one_time(native: State, library_cache: Path) -> None:
    script = """
for mib in range(60, 100, 4):  # each of another size
    x = tensor(mib)
    del x
print(growth())
"""
    assert told_alone(script, library_cache)[0] < 110


def test_what_is_kept_is_given_back_when_that_is_asked_for(told: Told) -> None:
    script = """
import psutil
x = [tensor(50) for _ in range(4)]
del x
resident = lambda: psutil.Process().memory_info().rss >> 20
before = resident()
release_freed_memory()
print(before - resident())
"""
    assert told(script)[0] > 150


def test_memory_from_before_and_tensors_that_grow_are_freed_well(told: Told) -> None:
    script = """
early.resize_(80 << 18)
early[-1] = 7
copy = early.clone()
del early
small = torch.empty(3).resize_(30 << 18).fill_(2)
print(int(copy[0]), int(copy[-1]), int(small[-1]))
"""
    assert told(script) == [1, 7, 2]


def test_more_than_there_is_is_an_error_like_any_other(told: Told) -> None:
    script = """
import resource
from core.base.device import is_out_of_memory
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
try:
    tensor(4000)
except RuntimeError as error:
    print(int(is_out_of_memory(error)))
print(int(tensor(40)[0]))
"""
    assert told(script) == [1, 1]


def test_threads_take_and_drop_at_the_same_time(told: Told) -> None:
    script = """
from concurrent.futures import ThreadPoolExecutor
def work(number):
    total = 0
    for i in range(50):
        x = torch.full(((1 + (i + number) % 3) << 18,), float(number))
        total += int((x == number).all())
    return total
with ThreadPoolExecutor(4) as pool:
    print(*pool.map(work, range(4)))
"""
    assert told(script) == [50] * 4


def test_memory_is_not_kept_where_that_is_turned_off(told: Told) -> None:
    script = "x = tensor(40); print(x.data_ptr() % 4096)"
    assert told(script, keep="0")[0] != 0
    assert told(script)[0] == 0


def test_tensors_of_many_sizes_keep_their_values_while_others_come_and_go(native: State, library_cache: Path) -> None:
    script = """
import random
dice, held = random.Random(0), []
wrong = most = live = 0
for number in range(400):
    size = dice.choice((1, 3, 7, 8, 15, 30)) * (1 << 18) + dice.randrange(1 << 17)
    held.append((number, torch.full((size,), float(number))))
    live += size
    most = max(most, live)
    while live > 40 << 18:
        number, x = held.pop(dice.randrange(len(held)))
        wrong += not (x.min() == number == x.max())
        live -= x.numel()
        del x
print(wrong, growth(), most >> 18)
"""
    wrong, growth, most = told_alone(script, library_cache)
    assert wrong == 0
    assert growth < most + 24


def test_sizes_that_come_again_and_again_need_no_new_pages(told: Told) -> None:
    script = """
import resource
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def frame():
    before = [tensor(mib) for mib in (4, 5)]
    del before
    convolved = torch.ones(130 << 14)  # 130 times 64 KiB
    scratch = torch.ones(137 << 14)
    del scratch
    return torch.ones(128 << 14)
others = tensor(80)
for _ in range(4):
    frame()
before = faults()
for _ in range(20):
    frame()
print(faults() - before)
"""
    assert told(script)[0] < 20 * 8


def test_a_tensor_grows_into_the_block_of_a_smaller_one(native: State, library_cache: Path) -> None:
    script = """
kept = tensor(30)
x = tensor(20)
place = x.data_ptr()
del x
x = tensor(38)  # beyond what may be held besides
print(int(x.data_ptr() == place), int(x.sum()) >> 18, int(kept.sum()) >> 18, growth())
"""
    same, total, kept, growth = told_alone(script, library_cache)
    assert (same, total, kept) == (1, 38, 30)
    assert growth < 30 + 38 + 24
