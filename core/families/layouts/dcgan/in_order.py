"""DCGAN whose layers have names without numbers of their own, such as `deconv1`: their order is that of the file."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from core.families.architectures.dcgan import ASSUMED, saved_network
from core.families.common.tensor_renaming import Foreign
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.dcgan import KERNEL

LEAST = 3  # convolutions: fewer may be a part of anything
COLOURS = range(1, 5)


class DcGanInOrderLayout:
    """Taken for one only if all of its shapes are as those of a DCGAN."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and bool(_modules(content.tensors))

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, "a DCGAN network", ())
        return saved_network(content, file, _modules(content.tensors)), (ASSUMED,)


def _modules(tensors: Mapping[str, StoredTensor]) -> list[str]:
    """The convolutions, each with its norm after it if it has one; none if this is no DCGAN."""
    weights = {name.removesuffix(".weight"): t.shape for name, t in tensors.items() if name.endswith(".weight")}
    if {name.rpartition(".")[0] for name in tensors} != weights.keys():
        return []
    convolutions = [name for name, shape in weights.items() if len(shape) == 4]
    norms = [name for name, shape in weights.items() if len(shape) == 1]
    if len(convolutions) < LEAST or len(convolutions) + len(norms) < len(weights):
        return []
    shapes = [weights[name] for name in convolutions]
    follows = all(before[1] == after[0] for before, after in pairwise(shapes))
    if not follows or shapes[-1][1] not in COLOURS or any(shape[2:] != (KERNEL, KERNEL) for shape in shapes[1:]):
        return []
    names = list(weights)
    if names == convolutions + norms and len(norms) == len(convolutions) - 1:  # first all of one kind, then the others
        names = [name for pair in zip(convolutions, norms, strict=False) for name in pair] + convolutions[-1:]
    fits = all(
        weights[name] == weights[before][1:2] for before, name in pairwise(names) if len(weights[name]) == 1
    )
    return names if fits and names[0] in convolutions else []
