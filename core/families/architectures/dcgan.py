"""DCGAN: a row of transposed convolutions by the numbers in their names, as torch's tutorial stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import pairwise, takewhile

import numpy as np

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.families.common.converted import ConvertedFamily, largest_channels
from core.families.common.records import MAX_CHANNELS, MAX_LAYERS, MAX_RESOLUTION, Settings, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.families.common.told_classes import told_classes
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.dcgan import KERNEL, DcGan, DcGanConfig

MAX_KERNEL = 64
EPS = 1e-5  # of the norms
COUNTER = ".num_batches_tracked"
ASSUMED = "The file does not tell its activations and strides; those of the DCGAN paper are assumed."
LIKE = "This is a row of convolutions like a DCGAN generator, but"


class DcGanFamily(ConvertedFamily):
    """Family and layout in one."""

    key = "dcgan"
    network = DcGan

    def config_of(self, values: Settings) -> DcGanConfig:
        channels = values.integers("channels", 1, MAX_CHANNELS, range(2, MAX_LAYERS))
        tanh = values.flag("tanh") if "tanh" in values.values else True  # of files from before there was a choice
        classes = values.integer("c_dim", 0, channels[0] - 1) if "c_dim" in values.values else 0
        return checked(DcGanConfig(values.integer("size", 1, MAX_KERNEL), channels, tanh, classes))

    def with_classes(self, content: SavedNetwork, count: int) -> SavedNetwork:
        return replace(content, config={**content.config, "c_dim": count})

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        if not isinstance(content, StateDict):
            return False
        return any(_is_near(content.tensors, row) for row in _rows(content.tensors).values())

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        named = Foreign(content.tensors, "a DCGAN network", ())
        rows = [row for row in _rows(content.tensors).values() if _is_near(content.tensors, row)]
        modules = next((row for row in rows if _chain(content.tensors, row, 0, 1)), rows[0])
        return saved_network(content, named, modules), (ASSUMED,)


def checked(config: DcGanConfig) -> DcGanConfig:
    """Raises RefusedFile for an unreasonable number."""
    largest_channels(*config.channels)
    edge = config.layer_size(len(config.channels) - 2)
    if len(config.channels) > MAX_LAYERS or edge > MAX_RESOLUTION:
        raise unreasonable("the size of its pictures", edge, f"at most {MAX_RESOLUTION}")
    if config.channels[-1] > 4:
        raise UnsupportedFile(f"{LIKE} it ends in {config.channels[-1]} channels; pictures have 1 to 4.")
    return config


def _rows(tensors: Mapping[str, StoredTensor]) -> dict[str, list[str]]:
    """The modules in the order of the numbers in their names, by what stands before the first of these; none if a name
    has no number."""
    rows: dict[str, dict[str, tuple[int, ...]]] = {}
    for name in tensors:
        *parts, _ = name.split(".")
        numbers = tuple(int(part) for part in parts if part.isdecimal() and len(part) < 5)
        if not numbers:
            return {}
        before = ".".join(takewhile(lambda part: not part.isdecimal(), parts))
        rows.setdefault(before, {})[".".join(parts)] = numbers
    return {before: sorted(row, key=lambda module: row[module]) for before, row in rows.items()}


def _shape(tensors: Mapping[str, StoredTensor], module: str) -> tuple[int, ...]:
    stored_weight = tensors.get(f"{module}.weight")
    return stored_weight.shape if stored_weight else ()


def _is_near(tensors: Mapping[str, StoredTensor], modules: list[str]) -> bool:
    """Whether they are transposed convolutions in a row, or half of them are what a DCGAN would have: of what is less
    alike, why it is no DCGAN says nothing."""
    shapes = [shape for module in modules if len(shape := _shape(tensors, module)) == 4]
    if len(shapes) < 2 or len(_shape(tensors, modules[0])) != 4:
        return False
    pairs = list(pairwise(shapes))
    follow = max(sum(a[after] == b[before] for a, b in pairs) for before, after in ((0, 1), (1, 0)))
    usual = sum(shape[2:] == (KERNEL, KERNEL) for shape in shapes[1:])
    return _chain(tensors, modules, 0, 1) or 2 * min(follow, usual) >= len(pairs)


def _chain(tensors: Mapping[str, StoredTensor], modules: list[str], before: int, after: int) -> bool:
    """Whether each convolution takes what the one before makes. before, after: where shapes have their channels."""
    shapes = [shape for module in modules if len(shape := _shape(tensors, module)) == 4]
    return all(a[after] == b[before] for a, b in pairwise(shapes))


def saved_network(content: StateDict, named: Foreign, modules: list[str], *, tanh: bool = True) -> SavedNetwork:
    """The network of these modules, each a transposed convolution or the norm after one, in their order.

    Raises UnsupportedFile if the shapes leave open what the network does.
    """
    config, found = _network(named, content.tensors, modules)
    config = replace(config, tanh=tanh, c_dim=told_classes(content.beside, config.channels[0]))
    named.ignore(*(name for name in content.tensors if name.endswith(COUNTER)))
    return SavedNetwork(DcGanFamily.key, asdict(config), {**named.left(), **stored(found)})


def _network(
    named: Foreign, tensors: Mapping[str, StoredTensor], modules: list[str]
) -> tuple[DcGanConfig, dict[str, Array]]:
    if not _chain(tensors, modules, 0, 1):
        ordinary = _chain(tensors, modules, 1, 0)
        why = "they are ordinary ones, as in a discriminator" if ordinary else "they do not follow each other"
        raise UnsupportedFile(f"{LIKE} {why}.")
    weights: list[Array] = []
    biases: list[Array] = []
    normed = True  # whether a norm cannot follow
    for module in modules:
        rank = len(_shape(tensors, module))
        if rank == 4:
            weights.append(named.exactly(f"{module}.weight", *named.shape(f"{module}.weight", 4)))
            channels = weights[-1].shape[1]
            has_bias = f"{module}.bias" in named
            biases.append(named.exactly(f"{module}.bias", channels) if has_bias else np.zeros(channels, np.float32))
            normed = False
        elif rank == 1 and not normed:
            _fold(named, module, weights, biases)
            normed = True
        else:
            raise UnsupportedFile(f"{LIKE} `{shown(module)}` is no transposed convolution and no norm after one.")
    if normed or len(weights) < 2:
        raise UnsupportedFile(f"{LIKE} it does not end in a convolution without a norm, after others.")
    sizes = [weight.shape[2:] for weight in weights]
    if sizes[0][0] != sizes[0][1] or any(size != (KERNEL, KERNEL) for size in sizes[1:]):
        words = ", ".join(f"{h}x{w}" for h, w in sizes[:8]) + (", ..." if len(sizes) > 8 else "")
        raise UnsupportedFile(
            f"{LIKE} its kernels are {words}: only where all but the first are {KERNEL}x{KERNEL} is it clear how they "
            "enlarge the picture."
        )
    config = checked(DcGanConfig(sizes[0][0], (len(weights[0]), *(weight.shape[1] for weight in weights))))
    own = {f"weights.{i}": weight for i, weight in enumerate(weights)}
    return config, own | {f"biases.{i}": bias for i, bias in enumerate(biases)}


def _fold(named: Foreign, module: str, weights: list[Array], biases: list[Array]) -> None:
    """Make a norm with stored statistics a part of the convolution before it."""
    if f"{module}.running_mean" not in named:
        raise UnsupportedFile(f"{LIKE} `{shown(module)}` has no stored statistics; only norms that do are known.")
    parts = ("weight", "bias", "running_mean", "running_var")
    gain, offset, mean, var = (named.exactly(f"{module}.{part}", len(biases[-1])) for part in parts)
    with np.errstate(invalid="ignore"):  # a variance below zero shows in the picture
        scale = gain / np.sqrt(var + EPS)
    weights[-1] = weights[-1] * scale[:, None, None]
    biases[-1] = (biases[-1] - mean) * scale + offset
