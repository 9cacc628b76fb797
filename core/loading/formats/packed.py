"""A checkpoint in a tar archive, in gzip, or in both: taken out in memory; nothing is written, no link is followed."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.base.errors import RefusedFile, TruncatedFile, UnsupportedFile
from core.base.progress import Progress
from core.base.text import counted, shown
from core.loading.common import policy
from core.loading.formats.foreign import MAX_LISTED, NETWORKS, UNPACK

GZIP = b"\x1f\x8b\x08"  # with its only method
TAR, TAR_AT = b"ustar", 257
CHUNK_BYTES = 1 << 20
MOST_TIMES = 16  # of its compressed size that weights have when they are unpacked
LEAST_BYTES = 64 * 2**20  # which small files may have whatever their size
MAX_MEMBERS = 10_000
LEGACY = frozenset({"pickle", "storages", "tensors"})  # in tar archives that torch.save wrote before version 0.1.10

TAR_ERRORS = (tarfile.TarError, ValueError, EOFError, OverflowError, IndexError)  # of damaged archives


@dataclass(frozen=True, eq=False)
class Packed:
    """The bytes of the checkpoint, and what they were in."""

    data: bytes
    inside: str = ""  # e.g. "tar archive in gzip"; "": in nothing
    notes: tuple[str, ...] = ()


def is_packed(head: bytes) -> bool:
    """Whether the first bytes of a file are those of gzip or of a tar archive."""
    return head.startswith(GZIP) or _is_tar(head)


def unpacked(data: bytes, progress: Progress) -> Packed:
    """The checkpoint in a file that `is_packed`.

    Raises RefusedFile if it would become unreasonably large, TruncatedFile if bytes are missing, and UnsupportedFile if
    there is none or more than one in it.
    """
    if not data.startswith(GZIP):
        return _of_tar(data, "tar archive")
    inner = _of_gzip(data, progress)
    packed = _of_tar(inner, "tar archive in gzip") if _is_tar(inner) else Packed(inner, "gzip")
    if is_packed(packed.data):
        raise UnsupportedFile(f"This is an archive in an archive; {UNPACK}.")
    return packed


def _is_tar(data: bytes) -> bool:
    return data[TAR_AT : TAR_AT + len(TAR)] == TAR


def _of_gzip(data: bytes, progress: Progress) -> bytes:
    most = min(max(MOST_TIMES * len(data), LEAST_BYTES), policy.MAX_FILE_BYTES)
    source, buffer = io.BytesIO(data), io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=source) as file:
            while chunk := file.read(CHUNK_BYTES):
                buffer.write(chunk)
                progress("unpacking", source.tell(), len(data), "bytes")
                if buffer.tell() > most:
                    raise RefusedFile(
                        f"Refused: {counted(len(data))} of gzip become more than {counted(most)}, which those of no "
                        "network do; it may be malicious. Unpack it yourself if you trust it."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise TruncatedFile("It is compressed with gzip, and truncated or damaged; get it again.") from error
    return buffer.getvalue()


def _of_tar(data: bytes, inside: str) -> Packed:
    members = _members(data)
    names = {PurePosixPath(member.name).name: member for member in members}
    if names.keys() >= LEGACY:
        raise UnsupportedFile(
            "This is a tar archive that torch.save wrote before PyTorch 0.1.10, which cannot be opened; load it with "
            "PyTorch and save it again."
        )
    networks = [member for member in members if _is_named_like_a_network(member.name)]
    if len(networks) != 1:
        listed = [member.name for member in networks or members]
        names_of = ", ".join(f"`{shown(name, 60)}`" for name in listed[:MAX_LISTED])
        more = f" and {len(listed) - MAX_LISTED} more" if len(listed) > MAX_LISTED else ""
        if networks:
            raise UnsupportedFile(f"This is a {inside} of several networks ({names_of}{more}); unpack it and open one.")
        held = f"of files ({names_of}{more}), none of which is named like a network" if listed else "without files"
        raise UnsupportedFile(f"This is a {inside} {held}; networks are .pkl, .pt or .safetensors files.")
    (chosen,) = networks
    begin, end = chosen.offset_data, chosen.offset_data + chosen.size
    if not 0 <= begin <= end <= len(data):
        raise TruncatedFile(f"The {inside} is truncated: `{shown(chosen.name, 80)}` is incomplete; get it again.")
    if is_packed(data[begin : min(end, begin + tarfile.BLOCKSIZE)]):
        raise UnsupportedFile(f"This is a {inside} of another archive, `{shown(chosen.name, 80)}`; {UNPACK}.")
    note = f"Of this {inside}, `{shown(chosen.name, 80)}` was opened."
    return Packed(data[begin:end], inside, (note,))


def _members(data: bytes) -> list[tarfile.TarInfo]:
    """The ordinary files in it: what is sparse claims sizes without bytes, and links name other files."""
    found: list[tarfile.TarInfo] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise RefusedFile(f"Refused: the tar archive has more than {MAX_MEMBERS} entries; unpack it first.")
                if member.isreg() and not member.issparse():
                    found.append(member)
    except TAR_ERRORS as error:
        raise TruncatedFile("The tar archive is truncated or damaged; get it again.") from error
    return found


def _is_named_like_a_network(name: str) -> bool:
    """Not so the files that macOS puts beside those that it packs, which begin with a dot."""
    path = PurePosixPath(name)
    return path.suffix.lower() in NETWORKS and not path.name.startswith(".")
