"""Zip archives as torch writes them: views of their stored entries, nothing unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

from core.base.errors import RefusedFile, TruncatedFile, UnsupportedFile
from core.base.text import shown
from core.loading.common import policy
from core.loading.formats.foreign import foreign_archive
from core.loading.pickles.storages import Storage, StorageKey

LOCAL_HEADER = struct.Struct("<4s2xH18xHH")  # signature, flags, length of the name, length of the extra field
SYMLINK, FILE_TYPE = 0o120000, 0o170000
ENCRYPTED = 0x1

# What zipfile raises on damaged archives.
ZIP_ERRORS = (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, EOFError, IndexError, OverflowError)


class Archive:
    """The entries of a torch archive below its one top folder, by name."""

    def __init__(self, data: bytes) -> None:
        self.view = memoryview(data)
        self.infos = _directory(data)
        self.top = _check_names(self.infos)
        for info in self.infos.values():
            _check_entry(info)

    def names(self) -> set[str]:
        return {name.removeprefix(f"{self.top}/") for name in self.infos}

    def read(self, name: str) -> memoryview:
        """The bytes of an entry, not copied. Raises TruncatedFile if there is no such entry."""
        info = self.infos.get(f"{self.top}/{name}")
        if info is None:
            raise TruncatedFile(f"The archive lacks `{shown(name, 80)}`, so it is damaged or incomplete; get it again.")
        start = info.header_offset
        if not 0 <= start <= len(self.view) - LOCAL_HEADER.size:
            raise TruncatedFile(f"The archive is damaged at byte {start}; get it again.")
        signature, _, name_length, extra_length = LOCAL_HEADER.unpack_from(self.view, start)
        begin = start + LOCAL_HEADER.size + name_length + extra_length
        if signature != b"PK\x03\x04" or begin + info.file_size > len(self.view):
            raise TruncatedFile(f"The archive is damaged at byte {start}; get it again.")
        return self.view[begin : begin + info.file_size]

    def storage(self, key: StorageKey) -> Storage:
        data = self.read(f"data/{key.key}")
        if len(data) != key.num_bytes:
            raise RefusedFile("Refused: tensor data contradicts itself about its size.")
        return key.over(data)



def _directory(data: bytes) -> dict[str, zipfile.ZipInfo]:
    # zipfile makes an object of each entry before anyone can count them.
    if data.count(b"PK\x01\x02") > policy.MAX_ENTRIES:
        raise RefusedFile("Refused: the archive has too many entries.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except ZIP_ERRORS as error:
        raise TruncatedFile("The zip archive has no readable end: it is truncated or damaged; get it again.") from error
    found = {info.filename: info for info in infos}
    if len(found) != len(infos):
        raise RefusedFile("Refused: the archive has two entries of the same name; it may be malicious.")
    if not found:
        raise UnsupportedFile("The archive is empty.")
    return found


def _check_names(infos: dict[str, zipfile.ZipInfo]) -> str:
    for name in infos:
        parts = name.rstrip("/").split("/")
        if name.startswith("/") or "\\" in name or ":" in parts[0] or ".." in parts or "" in parts:
            raise RefusedFile(f"Refused: the archive has unsafe names (`{shown(name, 80)}`); it may be malicious.")
    tops = {name.split("/")[0] for name in infos}
    inner = {name.partition("/")[2] for name in infos}
    if any(name.startswith("code/") for name in inner) or "constants.pkl" in inner:
        raise RefusedFile("This is a TorchScript program, which contains code; only plain networks can be opened.")
    if ".data/extern_modules" in inner:
        raise RefusedFile("This is a torch.package, which contains code; only plain networks can be opened.")
    if "data.pkl" not in inner:
        raise UnsupportedFile(foreign_archive(infos))
    if len(tops) != 1:
        raise RefusedFile("Refused: the archive has more than one top folder, which no network file has.")
    return tops.pop()


def _check_entry(info: zipfile.ZipInfo) -> None:
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise RefusedFile("Refused: the archive is compressed, which torch's are not; get the file as it was saved.")
    if info.flag_bits & ENCRYPTED or (info.external_attr >> 16) & FILE_TYPE == SYMLINK:
        raise RefusedFile("Refused: the archive has encrypted or linked entries, which no network file has.")
