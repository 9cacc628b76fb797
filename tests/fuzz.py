"""Damaged and forged files: every one is opened or refused with a sentence, and nothing in it is ever run.

Hypothesis chooses how the files of networks in the tests are changed, and makes a change that does harm as small as it
can. `python -m tests.fuzz --files 36000` tries so many, of which 20,000 differ, and leaves a file that does harm.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import pickletools
import random
import resource
import shutil
import signal
import sys
import tempfile
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
from hypothesis.strategies import randoms

import core.families  # noqa: F401  # imports torch, which may do more than a file
from core.base.errors import VisualizerError
from core.opening.network import open_network

TESTS = Path(__file__).resolve().parent
FOLDERS = ("fixtures", "fixtures/hostile", "golden")
ENDINGS = (".pkl", ".pt", ".pth", ".bin", ".ckpt", ".safetensors")
LARGEST = 1_500_000  # bytes of a file that is worth mutating many times
PATIENCE_S = 5.0
MEMORY = 1 << 30  # bytes that one file may take

# What a file that gets its way would do. Modules of this program and its libraries may be imported while it is read.
FORBIDDEN = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen", "socket.connect", "ctypes.dlopen",
             "pickle.find_class", "os.remove", "os.rename", "webbrowser.open")  # fmt: skip
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**63, 2**64 - 1)
NAMES = (b"os", b"posix", b"builtins", b"subprocess", b"torch.hub", b"eval", b"system", b"getattr", b"exec")
OPCODES = bytes(ord(opcode.code) for opcode in pickletools.opcodes)

Mutation: TypeAlias = Callable[[random.Random, bytearray], None]


# ----------------------------------------------------------------------------
# Files.


def parents() -> list[Path]:
    """All files of networks in the tests that are small enough."""
    found = (path for folder in FOLDERS for path in sorted((TESTS / folder).iterdir()) if path.suffix in ENDINGS)
    return [path for path in found if path.stat().st_size <= LARGEST]


def forged(choices: random.Random, files: list[Path]) -> tuple[Path, bytes]:
    """A changed file and what it was made of."""
    parent = choices.choice(files)
    data = parent.read_bytes()
    if data[:2] == b"PK" and choices.random() < 0.8:
        return parent, _forged_archive(choices, data)
    changed = bytearray(data)
    for _ in range(choices.choice((1, 1, 1, 2, 4, 8))):
        choices.choice(MUTATIONS)(choices, changed)
    if changed == data:
        flip_bits(choices, changed)
    return parent, bytes(changed)


def _forged_archive(choices: random.Random, data: bytes) -> bytes:
    """With a changed entry, in an archive that is whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return data[: choices.randrange(len(data))]
    pickles = [name for name in entries if name.endswith("data.pkl")]
    name = choices.choice(pickles if pickles and choices.random() < 0.9 else list(entries))
    changed = bytearray(entries[name])
    for _ in range(choices.choice((1, 1, 2, 4))):
        choices.choice(MUTATIONS)(choices, changed)
    if changed == entries[name]:
        flip_bits(choices, changed)
    entries[name] = bytes(changed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return buffer.getvalue()


# ----------------------------------------------------------------------------
# Mutations.


def flip_bits(choices: random.Random, data: bytearray) -> None:
    if data:
        data[choices.randrange(len(data))] ^= 1 << choices.randrange(8)


def change_an_opcode(choices: random.Random, data: bytearray) -> None:
    places = _opcode_places(bytes(data))
    if places:
        data[choices.choice(places)] = choices.choice(OPCODES)


def change_an_argument(choices: random.Random, data: bytearray) -> None:
    places = _opcode_places(bytes(data))
    if places:
        place = choices.choice(places) + choices.randrange(1, 9)
        if place < len(data):
            data[place] = choices.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, choices.randrange(256)))


def drop_opcodes(choices: random.Random, data: bytearray) -> None:
    places = _opcode_places(bytes(data))
    if len(places) > 3:
        first = choices.randrange(len(places) - 2)
        del data[places[first] : places[first + choices.choice((1, 1, 2))]]


def cut(choices: random.Random, data: bytearray) -> None:
    del data[choices.randrange(len(data) + 1) :]


def drop_a_part(choices: random.Random, data: bytearray) -> None:
    if data:
        start = choices.randrange(len(data))
        del data[start : start + choices.choice((1, 2, 8, 64, 1024))]


def repeat_a_part(choices: random.Random, data: bytearray) -> None:
    if data:
        start = choices.randrange(len(data))
        size = choices.choice((1, 2, 8, 64, 1024))
        data[start:start] = data[start : start + size] * choices.choice((1, 1, 2, 50))


def put_a_number(choices: random.Random, data: bytearray) -> None:
    if len(data) > 8:
        size = choices.choice((1, 2, 4, 8))
        place = choices.choice(_opcode_places(bytes(data)) or [choices.randrange(len(data) - 8)]) + 1
        value = choices.choice(INTERESTING) & ((1 << 8 * size) - 1)
        data[place : place + size] = value.to_bytes(size, choices.choice(("little", "big")))


def put_a_name(choices: random.Random, data: bytearray) -> None:
    for known in choices.sample((b"collections", b"torch._utils", b"numpy", b"OrderedDict", b"Generator", b"state"), 6):
        place = data.find(known)
        if place >= 0:
            data[place : place + len(known)] = choices.choice(NAMES)[: len(known)].ljust(len(known), b"_")
            return


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits, change_an_opcode, change_an_argument, change_an_argument, drop_opcodes, cut, drop_a_part,
    repeat_a_part, put_a_number, put_a_name,
)  # fmt: skip


def _opcode_places(data: bytes) -> list[int]:
    places: list[int] = []
    start = max(0, data.find(b"\x80"))  # of the first pickle in it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in texts
            for _, _, place in pickletools.genops(data[start:]):
                places.append(start + (place or 0))
    except (ValueError, OverflowError, IndexError):
        pass
    return places


# ----------------------------------------------------------------------------
# Trying them.


class Hang(BaseException):
    """A file took too long."""


class Watch:
    """Sees what Python does on behalf of a file. There is one in a process, since Python forgets no audit hook."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        tempfile.gettempdir()  # writes and removes a file when it is first asked
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(FORBIDDEN):
            self.seen.append(f"{event} {str(arguments)[:80]}")

    @contextmanager
    def over(self) -> Iterator[list[str]]:
        self.on, self.seen = True, []
        signal.signal(signal.SIGALRM, self._too_long)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        try:
            yield self.seen
        finally:
            self.on = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _too_long(self, *_: object) -> None:
        raise Hang


def open_forged(files: int, path: Path, watch: Watch, show: Callable[[str], None] = lambda text: None) -> int:
    """Open so many changed files, one after the other at `path`, and return how many of them differ. What may happen
    besides an open network is an error of our own; raises AssertionError otherwise, with the harmful file at `path`."""
    known = parents()
    tried, seen = 0, set[bytes]()

    @hypothesis.settings(
        max_examples=files,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=tuple(hypothesis.HealthCheck),
    )
    @hypothesis.given(randoms(use_true_random=False))
    def try_one(choices: random.Random) -> None:
        nonlocal tried
        parent, data = forged(choices, known)
        seen.add(hashlib.sha256(data).digest())
        path.write_bytes(data)
        before = peak_bytes()
        what = _tried(path, watch)
        if not what and peak_bytes() - before > MEMORY:
            what = f"it took {(peak_bytes() - before) >> 20} MiB"
        tried += 1
        if tried % 1000 == 0:
            show(f"{tried} files, {len(seen)} different ones")
        assert not what, f"{parent.name}: {what}"

    try_one()
    return len(seen)


def _tried(path: Path, watch: Watch) -> str:
    """What was wrong; "" if nothing was."""
    with watch.over() as seen:
        try:
            open_network(str(path))
        except VisualizerError as error:
            if not is_a_sentence(str(error)):
                return f"no sentence: {str(error)[:200]!r}"
        except Hang:
            return f"it took longer than {PATIENCE_S:g} s"
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:200]}"
    return f"it ran {seen[0]}" if seen else ""


def is_a_sentence(text: str) -> bool:
    visible = all(character.isprintable() or unicodedata.category(character) == "Zs" for character in text)
    return text[-1:] in ".)!" and len(text) < 1500 and visible


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=36_000, help="how many")
    parser.add_argument("--keep", default="harmful", help="where a file that does harm is left")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network"
        try:
            different = open_forged(given.files, path, Watch(), _print)
        except (AssertionError, hypothesis.errors.Flaky) as error:
            _print(f"{error}\nThe file is {shutil.copy(path, given.keep)}.")
            return 1
    _print(f"{different} different files, none of which does harm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
