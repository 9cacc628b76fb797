"""The tensors of a torch.save file that holds no network but arrays, such as a projected latent."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import UnsupportedFile
from core.base.progress import silent
from core.loading.common import policy
from core.loading.common.checkpoint import StoredTensor
from core.loading.formats.container import HEAD_BYTES, named, read_file
from core.loading.formats.state_dicts import is_tensor
from core.loading.pickles.records import Call, Record, entries
from core.loading.pickles.tensors import Tensors
from core.loading.readers import TorchArchiveReader, TorchStreamReader

MAX_TENSORS = 1000
MAX_DEPTH = 4


def read_torch_arrays(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a file that is a tensor, or dicts and lists of them, by their dotted names; "" is the file itself.

    Nothing in the file is run. Raises CheckpointError with a sentence for the user.
    """
    with named(path):
        file = read_file(path, silent)
        head = file.data[:HEAD_BYTES]
        readers = (TorchStreamReader(), TorchArchiveReader())
        reader = next((reader for reader in readers if reader.recognises(head, len(file.data))), None)
        if reader is None:
            raise UnsupportedFile("This is no file of torch.save; save the latent with torch.save or numpy.savez.")
        payload, load = reader.payload(file, silent)
        found: dict[str, Record] = {}
        _collect(payload.root, "", found, 0)
        tensors = Tensors(load(), policy.MAX_EXPANSION * len(file.data))
        return {name: tensors.read(record, name or "the tensor") for name, record in found.items()}


def _collect(record: Record, name: str, found: dict[str, Record], depth: int) -> None:
    if isinstance(record, Call) and is_tensor(record):
        if len(found) >= MAX_TENSORS:
            raise UnsupportedFile(f"It holds more than {MAX_TENSORS} tensors; save the latent alone.")
        found[name] = record
        return
    if depth >= MAX_DEPTH:
        return
    if isinstance(record, (list, tuple)):
        inner = [(str(i), item) for i, item in enumerate(record[:MAX_TENSORS])]
    else:
        inner = list((entries(record) or {}).items())
    for key, item in inner:
        _collect(item, f"{name}.{key}" if name else key, found, depth + 1)
