"""One reader a container: each takes the bytes of a file and finds the generator in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from core.base.errors import UnsupportedFile
from core.base.progress import Progress
from core.loading.common import policy
from core.loading.common.checkpoint import Content, SavedNetwork
from core.loading.formats.candidates import likeliest, likeliest_by_name
from core.loading.formats.container import FileBytes
from core.loading.formats.persisted import build_generator, choose, is_network, is_persisted
from core.loading.formats.saved import looks_like_safetensors, read_saved
from core.loading.formats.state_dicts import find
from core.loading.formats.tensorflow import tensorflow_network
from core.loading.formats.unsupported import refuse_known, refuse_module, refuse_root
from core.loading.pickles.archive import Archive
from core.loading.pickles.records import Record
from core.loading.pickles.storages import (
    BIG_ENDIAN,
    TORCH_HEAD,
    Storage,
    nested_storages,
    read_stream,
    storage_key,
    stream_storages,
)
from core.loading.pickles.symbolic import Pickle, read_pickle
from core.loading.pickles.tensors import Tensors
from core.loading.pickles.values import facts_of

# How a pickle of protocol 0 or 1 begins that holds a dict, a list, a tuple or an object.
TEXT_PICKLE = re.compile(rb"[(}\]]|c[\w.]+\n\S+\n")


@dataclass(frozen=True, eq=False)
class Found:
    """What a reader found."""

    content: Content
    container: str
    training_set: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


LoadStorages: TypeAlias = Callable[[], Callable[[Record], Storage | None]]  # what finds the bytes of a tensor


class Reader(Protocol):
    """Reads one kind of container."""

    def recognises(self, head: bytes, size: int) -> bool:
        """Whether the first bytes of a file of this size are of this kind."""
        ...

    def read(self, file: FileBytes, progress: Progress) -> Found:
        """Raises CheckpointError, saying what the file is, if there is no generator in it that can be opened."""
        ...


class SavedReader:
    """safetensors, written by this program or by others."""

    def recognises(self, head: bytes, size: int) -> bool:
        return looks_like_safetensors(head, size)

    def read(self, file: FileBytes, progress: Progress) -> Found:
        found = read_saved(file.data)
        if isinstance(found, SavedNetwork):
            return Found(found, "safetensors")
        return Found(likeliest_by_name(found.tensors, found.beside, file.path), "safetensors of another program")


class TorchStreamReader:
    """torch.save before version 1.6."""

    def recognises(self, head: bytes, size: int) -> bool:
        return head.startswith(TORCH_HEAD)

    def read(self, file: FileBytes, progress: Progress) -> Found:
        payload, load = self.payload(file, progress)
        return _generator_of(payload, load, "torch.save, old format", file)

    def payload(self, file: FileBytes, progress: Progress) -> tuple[Pickle, LoadStorages]:
        payload, end = read_stream(file.data, progress)

        def load() -> Callable[[Record], Storage | None]:
            storages, _ = stream_storages(memoryview(file.data), file.data, payload, end)
            keys = {id(record): storage_key(record) for record in payload.persistents}
            return lambda record: storages[key.key] if (key := keys.get(id(record))) is not None else None

        return payload, load


class TorchArchiveReader:
    """torch.save since version 1.6."""

    def recognises(self, head: bytes, size: int) -> bool:
        return head.startswith(b"PK\x03\x04")

    def read(self, file: FileBytes, progress: Progress) -> Found:
        payload, load = self.payload(file, progress)
        return _generator_of(payload, load, "torch.save, zip", file)

    def payload(self, file: FileBytes, progress: Progress) -> tuple[Pickle, LoadStorages]:
        archive = Archive(file.data)
        payload = read_pickle(bytes(archive.read("data.pkl")), progress=progress)
        _check_entries(archive, payload)

        def storage_of(record: Record) -> Storage | None:
            key = storage_key(record)
            return None if key is None else archive.storage(key)

        return payload, lambda: storage_of


class PickleReader:
    """A pickle: NVIDIA's snapshots, of PyTorch and of TensorFlow."""

    def recognises(self, head: bytes, size: int) -> bool:
        return head[:1] == b"\x80" or TEXT_PICKLE.match(head) is not None

    def read(self, file: FileBytes, progress: Progress) -> Found:
        pickle = read_pickle(file.data, progress=progress)
        storages = nested_storages(pickle)
        container = f"pickle, protocol {pickle.protocol}"
        return _generator_of(pickle, lambda: storages, container, file)


def _check_entries(archive: Archive, payload: Pickle) -> None:
    """Raises CheckpointError if bytes are missing, whoever needs them, or in the wrong order."""
    if "byteorder" in archive.names() and bytes(archive.read("byteorder")[:8]).strip() != b"little":
        raise UnsupportedFile(BIG_ENDIAN)
    for record in payload.persistents:
        key = storage_key(record)
        if key is not None:
            archive.read(f"data/{key.key}")


def _generator_of(pickle: Pickle, load: LoadStorages, container: str, file: FileBytes) -> Found:
    tensors = Tensors(load(), policy.MAX_EXPANSION * len(file.data))
    if (network := tensorflow_network(pickle.root)) is not None:
        return Found(network, f"{container}, the source code inside ignored")
    parts = find(pickle.root)
    choice = choose(pickle.root, parts.networks, alone=not parts.groups)
    if choice is not None and is_network(choice.record):
        node = build_generator(choice, tensors)
        ignored = ", the source code inside ignored" if is_persisted(choice.record) else ""
        return Found(node, container + ignored, facts_of(choice.training_set), choice.notes)
    if choice is not None:
        refuse_known(choice.record, tensors)
    if parts.groups:
        return Found(likeliest(parts.groups, tensors, file.path), container)
    raise refuse_root(pickle.root) if choice is None else refuse_module(choice.record)
