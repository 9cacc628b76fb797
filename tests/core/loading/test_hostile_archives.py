"""Zip archives as torch writes them, and as nobody honest does."""

from __future__ import annotations

import io
import warnings
import zipfile

import numpy as np
import pytest

from core.base.errors import UnsupportedFile
from core.loading import read_checkpoint
from core.loading.common import policy
from core.loading.common.checkpoint import Node
from tests.fixtures import samples
from tests.fixtures.samples import Kept, Made, Name, dump, generator

FOUR = np.arange(4, dtype="<f4")


def archive(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as file:
        warnings.simplefilter("ignore")  # of two equal names
        for name, data in entries:
            file.writestr(name, data)
    return buffer.getvalue()


WEIGHT = Made(
    samples.REBUILD, (Kept(("storage", Name("torch", "FloatStorage"), "0", "cpu", 4)), 0, (4,), (1,), False, None)
)
ARCHIVED = dump({"G_ema": generator(WEIGHT)}, 2)


def test_an_archive_that_is_in_order_is_read(tmp_path):
    path = tmp_path / "network.pt"
    entries = [("top/data.pkl", ARCHIVED), ("top/data/0", FOUR.tobytes()), ("top/byteorder", b"little")]
    path.write_bytes(archive(entries))
    content = read_checkpoint(path).content
    assert isinstance(content, Node)
    assert content.children["mapping"].tensors["weight"].array.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ([("top/data/0", FOUR.tobytes())] * 2, "two entries of the same name"),
        ([("top/../../evil", b"")], "unsafe names"),
        ([("/top/evil", b"")], "unsafe names"),
        ([("top\\evil", b"")], "unsafe names"),
        ([("C:/evil", b"")], "unsafe names"),
        ([("other/x", b"")], "more than one top folder"),
        ([("top/code/__torch__.py", b"")], "TorchScript"),
        ([("top/constants.pkl", b"")], "TorchScript"),
        ([("top/.data/extern_modules", b"")], "torch.package"),
        ([("top/data/0", b"12")], "contradicts itself"),
    ],
)
def test_an_archive_out_of_order_is_refused(refused, extra, words):
    assert words in refused(archive([("top/data.pkl", ARCHIVED), *extra]))


def test_an_archive_of_another_kind_is_named(refused):
    big = archive([("top/data.pkl", ARCHIVED), ("top/data/0", FOUR.tobytes()), ("top/byteorder", b"big")])
    assert "big-endian" in refused(big, UnsupportedFile)
    assert "none of which is named like a network" in refused(archive([("photos/1.jpg", b"")]), UnsupportedFile)
    assert "compressed" in refused(archive([("top/data.pkl", ARCHIVED)], zipfile.ZIP_DEFLATED))
    assert "empty" in refused(archive([]), UnsupportedFile)


def test_an_encrypted_archive_is_refused(refused):
    data = bytearray(archive([("top/data.pkl", ARCHIVED)]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data))


def test_an_archive_with_too_many_entries_is_refused(refused, monkeypatch):
    monkeypatch.setattr(policy, "MAX_ENTRIES", 3)
    assert "too many entries" in refused(archive([(f"top/{i}", b"") for i in range(4)]))
