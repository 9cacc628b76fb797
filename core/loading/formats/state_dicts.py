"""Tensors by name, as torch.save writes the weights of a network without its modules."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.base.errors import RefusedFile
from core.loading.common import policy
from core.loading.common.checkpoint import Plain, StateDict, StoredTensor
from core.loading.pickles.records import Call, Record, entries, name_of
from core.loading.pickles.tensors import Tensors
from core.loading.pickles.values import Values

# Under which keys they stand, smoothed copies first; "" is the file itself.
WRAPPERS = (
    "G_ema", "g_ema", "g_running", "avgG", "params_ema", "state_dict", "GAN", "generator", "G", "g", "netG",
    "model", "",
)  # fmt: skip
PARALLEL = "module."  # what torch's DataParallel puts before all names


def is_tensor(record: Record) -> bool:
    return isinstance(record, Call) and name_of(record).startswith(("torch._utils._rebuild", "torch._tensor._rebuild"))


def state_dict(root: Record, tensors: Tensors, path: Path) -> StateDict | None:
    """The first of `WRAPPERS` that holds tensors; None if there is none. Raises RefusedFile if one is malformed."""
    top = entries(root)
    if top is None:
        return None
    for wrapper in WRAPPERS:
        inside = top if wrapper == "" else entries(top.get(wrapper)) or {}
        if not any(is_tensor(value) for value in inside.values()):
            continue
        found = {name: tensors.read(value, name) for name, value in inside.items() if is_tensor(value)}
        if all(name.startswith(PARALLEL) for name in found):
            found = {name.removeprefix(PARALLEL): tensor for name, tensor in found.items()}
        beside = top if wrapper else {name: value for name, value in top.items() if name not in found}
        return StateDict(found, wrapper, _beside(beside, wrapper, tensors), path)
    return None


def _beside(others: dict[str, Record], wrapper: str, tensors: Tensors) -> dict[str, Plain | StoredTensor]:
    """What is small enough to say something about the network."""
    values = Values(left=policy.MAX_VALUES // 10)
    found: dict[str, Plain | StoredTensor] = {}
    for name, record in others.items():
        if name == wrapper or _holds_tensors(record):
            continue
        with suppress(RefusedFile):  # the state of an optimizer, which is not needed
            found[name] = tensors.read(record, name) if is_tensor(record) else values.plain(record)
    return found


def _holds_tensors(record: Record) -> bool:
    return any(is_tensor(value) for value in (entries(record) or {}).values())
