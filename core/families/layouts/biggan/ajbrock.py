"""BigGAN and BigGAN-deep as the authors' PyTorch code stores them: a state dict alone, with nothing about its shape."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.architectures.biggan import MAX_BLOCKS, attention_shapes, checked, divided, first_size, unit
from core.families.common.records import MAX_LATENT, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.biggan import BigGanConfig, BlockConfig

WHAT = "a BigGAN network"


@dataclass(frozen=True)
class Part:
    """A block, by what its names begin with, and the attention after it ("": there is none)."""

    prefix: str
    last: bool  # of its resolution: it makes the features larger
    attention: str = ""


class BigGanLayout:
    """`shared.*`, `linear.*`, `blocks.I.J.*` and `output_layer.*`, with a vector of each spectral norm beside."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        wanted = {"linear.weight", "blocks.0.0.conv1.weight"}
        return isinstance(content, StateDict) and wanted <= content.tensors.keys()

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        named = Foreign(content.tensors, WHAT, ())
        if "shared.weight" not in named:
            raise UnsupportedFile(
                "This is a BigGAN whose layers embed the class each by itself, which this program does not know."
            )
        parts = _parts(named)
        config = checked(_config(named, parts))
        tensors = _tensors(named, config, parts)
        named.ignore(*(name for name in content.tensors if name.endswith(".sv0")))
        return SavedNetwork("biggan", asdict(config), {**named.left(), **stored(tensors)}), ()


def _parts(named: Foreign) -> list[Part]:
    found: list[Part] = []
    for i in range(named.numbered("blocks.", MAX_BLOCKS)):
        prefixes = [f"blocks.{i}.{j}." for j in range(named.numbered(f"blocks.{i}.", MAX_BLOCKS))]
        attention = prefixes.pop() if f"{prefixes[-1]}theta.weight" in named else ""
        if not prefixes or any(f"{prefix}theta.weight" in named for prefix in prefixes):
            raise UnsupportedFile(f"Its attention in `blocks.{i}` does not follow the blocks of this resolution.")
        found += [Part(prefix, False) for prefix in prefixes[:-1]]
        found.append(Part(prefixes[-1], True, attention))
    return found


def _config(named: Foreign, parts: list[Part]) -> BigGanConfig:
    classes, embed_width = named.shape("shared.weight", 2)
    rows, columns = named.shape("linear.weight", 2)
    deep = f"{parts[0].prefix}conv4.weight" in named
    blocks = []
    for part in parts:
        hidden, in_channels = named.shape(f"{part.prefix}conv1.weight", 4)[:2]
        out_channels = named.shape(f"{part.prefix}{'conv4' if deep else 'conv2'}.weight", 4)[0]
        blocks.append(BlockConfig(in_channels, out_channels, hidden, part.last, bool(part.attention)))
    read = named.shape(f"{parts[0].prefix}bn1.gain.weight", 2)[1]  # by each norm
    chunks = not deep and read == embed_width + columns
    if not chunks and read != (columns if deep else embed_width):
        raise CheckpointError(
            f"The layers of this BigGAN read {read} numbers of z and the class, its input {columns}, and a class has "
            f"{embed_width}; this program does not know such networks."
        )
    z_dim = columns * (len(blocks) + 1) if chunks else columns - embed_width if deep else columns
    if not 1 <= z_dim <= MAX_LATENT:
        raise unreasonable("z_dim", z_dim, f"1 to {MAX_LATENT}")
    return BigGanConfig(
        z_dim=z_dim,
        c_dim=classes,
        embed_width=embed_width,
        size=first_size(rows, blocks),
        blocks=tuple(blocks),
        deep=deep,
        chunks=chunks,
        input_width=columns,
        image_channels=named.shape("output_layer.2.weight", 4)[0],
    )


# ----------------------------------------------------------------------------
# Tensors.


def _tensors(named: Foreign, config: BigGanConfig, parts: list[Part]) -> dict[str, Array]:
    first, last = config.blocks[0].in_channels, config.blocks[-1].out_channels
    rows = config.size**2 * first
    weight = folded(named, "linear", rows, config.input_width)
    tensors = {
        "mapping.embed": named.exactly("shared.weight", config.c_dim, config.embed_width),
        "synthesis.input.weight": _z_first(weight, config.embed_width) if config.deep else weight,
        "synthesis.input.bias": named.exactly("linear.bias", rows),
        "synthesis.norm.gain": named.exactly("output_layer.0.gain", last),
        "synthesis.norm.offset": named.exactly("output_layer.0.bias", last),
        **_statistics(named, "output_layer.0.", "synthesis.norm.", last),
        "synthesis.torgb.weight": folded(named, "output_layer.2", config.image_channels, last, 3, 3),
        "synthesis.torgb.bias": named.exactly("output_layer.2.bias", config.image_channels),
    }
    for i, (part, block) in enumerate(zip(parts, config.blocks, strict=True)):
        tensors |= _block(named, part.prefix, f"synthesis.blocks.{i}.", block, config)
        if part.attention:
            own = f"synthesis.attentions.{i}."
            tensors[f"{own}gamma"] = named.exactly(f"{part.attention}gamma")
            for name, shape in attention_shapes(block.out_channels).items():
                tensors[f"{own}{name}.weight"] = folded(named, part.attention + name, *shape)
    return tensors


def _block(named: Foreign, prefix: str, own: str, block: BlockConfig, config: BigGanConfig) -> dict[str, Array]:
    """prefix: of the file's names, own: of those of this program."""
    tensors: dict[str, Array] = {}
    reads_z = config.deep or config.chunks
    for k, (before, after, kernel) in enumerate(config.layers(block)):
        for name, theirs in (("gain", "gain"), ("offset", "bias")):
            read = config.embed_width + (config.z_width if reads_z else 0)
            weight = folded(named, f"{prefix}bn{k + 1}.{theirs}", before, read)
            unread = np.zeros((before, config.w_dim - read), np.float32)  # z, where only the class counts
            tensors[f"{own}norms.{k}.{name}"] = np.hstack([unread, _z_first(weight, config.embed_width)])
        tensors |= _statistics(named, f"{prefix}bn{k + 1}.", f"{own}norms.{k}.", before)
        tensors[f"{own}convs.{k}.weight"] = folded(named, f"{prefix}conv{k + 1}", after, before, kernel, kernel)
        tensors[f"{own}convs.{k}.bias"] = named.exactly(f"{prefix}conv{k + 1}.bias", after)
    if not config.deep:
        weight = folded(named, f"{prefix}conv_sc", block.out_channels, block.in_channels, 1, 1)
        tensors[f"{own}shortcut.weight"] = weight
        tensors[f"{own}shortcut.bias"] = named.exactly(f"{prefix}conv_sc.bias", block.out_channels)
    return tensors


def _z_first(weight: Array, embed_width: int) -> Array:
    """What reads a class and then z, as what reads z and then a class."""
    return np.concatenate([weight[:, embed_width:], weight[:, :embed_width]], axis=1)


def _statistics(named: Foreign, prefix: str, own: str, channels: int) -> dict[str, Array]:
    """The stored mean and variance, under one of the names that the kinds of norms of this code have."""
    places = (("", "stored"), ("bn.", "stored"), ("bn.", "running"), ("", "running"))
    for inner, kind in places:
        if f"{prefix}{inner}{kind}_mean" in named:
            counter = f"{prefix}{inner}accumulation_counter"
            count = named.number(counter) or 0.0
            found = (named.exactly(f"{prefix}{inner}{kind}_{name}", channels)[None] for name in ("mean", "var"))
            mean, var = (x / count if count > 0 else x for x in found)
            return {f"{own}mean": mean, f"{own}var": var}
    raise CheckpointError(f"`{shown(prefix)}` has no stored mean; the file is damaged, or has norms of another kind.")


def folded(named: Foreign, prefix: str, *shape: int) -> Array:
    """A weight divided by its spectral norm, which one step from the stored vector tells; as it is without a vector."""
    weight = named.exactly(f"{prefix}.weight", *shape)
    if f"{prefix}.u0" not in named:
        return weight
    matrix = weight.reshape(shape[0], -1).astype(np.float64)
    u = named.exactly(f"{prefix}.u0", 1, shape[0])[0].astype(np.float64)
    with np.errstate(all="ignore"):  # of numbers that are not finite
        after = matrix @ unit(u @ matrix)
        norm = float(unit(after) @ after)
    return divided(weight, norm, prefix)
