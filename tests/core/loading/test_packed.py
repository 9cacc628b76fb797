"""Checkpoints in tar archives and in gzip, honest and hostile."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.base.errors import CheckpointError, RefusedFile, TruncatedFile, UnsupportedFile
from core.loading import read_checkpoint
from core.loading.formats import packed
from core.opening.network import open_network
from tests.fixtures.samples import FOLDER

NETWORK = (FOLDER / "rosinality_sg2.pt").read_bytes()
LEGACY = ["sys_info", "pickle", "tensors", "storages"]


def tar(*members: tuple[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def written(folder: Path, data: bytes, name: str = "weights.tar.gz") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("pack", "inside"),
    [
        (lambda data: tar(("run/a.txt", b"hello"), ("run/._g.pt", b"of macOS"), ("run/g.pt", data)), "tar archive"),
        (lambda data: gzip.compress(tar(("../../g.pth.tar", data)), 1), "tar archive in gzip"),
        (lambda data: gzip.compress(data, 1), "gzip"),
    ],
)
def test_the_checkpoint_inside_is_opened(tmp_path: Path, pack: Callable[[bytes], bytes], inside: str) -> None:
    path = written(tmp_path, pack(NETWORK))
    network = open_network(str(path))
    assert network.info == open_network(str(FOLDER / "rosinality_sg2.pt")).info
    assert network.origin.container.endswith(f", in {inside}")
    assert network.origin.size == path.stat().st_size
    assert any(f"Of this {inside}, `" in note for note in network.origin.notes) is ("tar" in inside)
    assert sorted(tmp_path.iterdir()) == [path]  # nothing was unpacked to anywhere


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (tar(*((name, b"x") for name in LEGACY)), UnsupportedFile, "torch.save wrote before PyTorch 0.1.10"),
        (tar(("a.pt", b"x"), ("b/c.pkl", b"x")), UnsupportedFile, r"several networks \(`a.pt`, `b/c.pkl`\); unpack it"),
        (tar(("photos/1.jpg", b"x")), UnsupportedFile, r"of files \(`photos/1.jpg`\), none of which is named like"),
        (tar(links={"g.pt": "/etc/passwd"}), UnsupportedFile, "tar archive without files"),
        (tar(("g.pt", tar(("g.pt", NETWORK)))), UnsupportedFile, "of another archive, `g.pt`; unpack it first"),
        (gzip.compress(gzip.compress(b"x")), UnsupportedFile, "archive in an archive"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n"), UnsupportedFile, r"a picture \(PNG\)"),
        (gzip.compress(b"<html>"), UnsupportedFile, "web page"),
        (gzip.compress(b""), TruncatedFile, "is empty"),
        (gzip.compress(NETWORK, 1)[:-900], TruncatedFile, "gzip, and truncated or damaged"),
        (gzip.compress(NETWORK, 1)[:-3] + b"abc", TruncatedFile, "gzip, and truncated or damaged"),
        (tar(("g.pt", NETWORK))[:20_000], TruncatedFile, "tar archive is truncated or damaged"),
        (tar(("g.pt", NETWORK))[:400], TruncatedFile, "truncated or damaged"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # gzip has the time in it
)
def test_what_cannot_be_unpacked_is_told(tmp_path: Path, data: bytes, kind: type[CheckpointError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        read_checkpoint(written(tmp_path, data))
    assert str(caught.value).startswith("weights.tar.gz: ")


def test_what_grows_beyond_every_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LEAST_BYTES", 1 << 20)
    with pytest.raises(RefusedFile, match=r"kB of gzip become more than 1\.0 MB"):
        read_checkpoint(written(tmp_path, gzip.compress(bytes(4 << 20))))
    monkeypatch.setattr(packed, "MAX_MEMBERS", 3)
    with pytest.raises(RefusedFile, match="more than 3 entries"):
        read_checkpoint(written(tmp_path, tar(*((f"{i}.txt", b"") for i in range(4)))))


def test_a_member_without_its_bytes_is_no_checkpoint(tmp_path: Path) -> None:
    """A sparse file claims to be as large as it likes."""
    member = tarfile.TarInfo("g.pt")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"77777777777\0"  # its real size
    header[148:156] = f"{sum(header[:148]) + 8 * 32 + sum(header[156:512]):06o}\0 ".encode()
    with pytest.raises(UnsupportedFile, match="without files"):
        read_checkpoint(written(tmp_path, bytes(header) + bytes(1024)))
