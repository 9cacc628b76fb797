"""Damaged and forged files: those of tests/fuzz.py that every run of the tests has time for."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

FILES = 600

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="without signals nothing ends a file that hangs")


@pytest.fixture(scope="module")
def watch():
    from tests.fuzz import Watch

    return Watch()


def test_a_forged_file_is_opened_or_refused_with_a_sentence(tmp_path: Path, watch) -> None:
    from tests import fuzz

    assert fuzz.open_forged(FILES, tmp_path / "network", watch) > FILES / 2


def test_the_watch_sees_what_a_file_must_not_do(watch) -> None:
    import subprocess

    with watch.over() as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert any(event.startswith("subprocess.Popen") for event in seen)


def test_forged_files_differ_from_their_parents() -> None:
    from tests import fuzz

    files = fuzz.parents()
    forged = (fuzz.forged(random.Random(seed), files) for seed in range(100))
    assert sum(parent.read_bytes() != data for parent, data in forged) > 90
