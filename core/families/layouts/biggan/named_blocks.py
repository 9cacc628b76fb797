"""BigGANs as state dicts of `blocks.I.J.*`, with nothing about their shape: what the layouts of that kind share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.architectures.biggan import MAX_BLOCKS, attention_shapes, checked, first_size
from core.families.common.records import MAX_LATENT, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.families.common.traced import made_of
from core.families.layouts.biggan.spectral_norms import folded, has_weight, weight_shape
from core.loading.common.checkpoint import SavedNetwork, StateDict
from core.networks.biggan import BigGanConfig, BlockConfig

WHAT = "a BigGAN network"
EMBEDDING = "shared.weight"
COUNTERS = (".sv0", ".num_batches_tracked")  # at the end of names of what nobody needs


@dataclass(frozen=True)
class Names:
    """What a program calls its layers, and what its norms add to variances."""

    linear: str
    conv: str  # of a block, with its number
    shortcut: str  # of a block
    attention: tuple[str, str, str, str]  # theta, phi, g and o
    gamma: str
    gamma_shape: tuple[int, ...]
    norm: str  # before the last convolution
    gain: str  # of that norm
    output: str  # the last convolution
    eps: float
    bare_classes: bool  # without an embedding, norms read the class itself


@dataclass(frozen=True)
class Part:
    """A block, by what its names begin with, and the attention after it ("": there is none)."""

    prefix: str
    last: bool  # of its resolution: it makes the features larger
    attention: str = ""


def saved_network(content: StateDict, names: Names) -> SavedNetwork:
    """Raises CheckpointError if the tensors contradict each other, UnsupportedFile if they are of another BigGAN."""
    named = Foreign(content.tensors, WHAT, ())
    parts = _parts(named, names)
    if EMBEDDING not in named and not (names.bare_classes and has_weight(named, f"{parts[0].prefix}bn1.gain")):
        raise UnsupportedFile(
            "This is a BigGAN whose layers embed the class each by itself, or without classes, which this program does "
            "not know."
        )
    config = checked(_config(named, names, parts))
    tensors = _tensors(named, names, config, parts)
    named.ignore(*(name for name in content.tensors if name.endswith(COUNTERS)))
    return SavedNetwork("biggan", asdict(config), {**named.left(), **stored(tensors)})


def _parts(named: Foreign, names: Names) -> list[Part]:
    """In execution order. An attention stands after the blocks of its resolution, or alone after those before it."""
    theta = names.attention[0]
    found: list[Part] = []
    for i in range(named.numbered("blocks.", MAX_BLOCKS)):
        prefixes = [f"blocks.{i}.{j}." for j in range(named.numbered(f"blocks.{i}.", MAX_BLOCKS))]
        attends = [named.has_part(f"{prefix}{theta}.") for prefix in prefixes]
        attention = prefixes.pop() if attends.pop() else ""
        found += [Part(prefix, False) for prefix in prefixes[:-1]]
        found += [Part(prefix, True) for prefix in prefixes[-1:]]
        if any(attends) or (attention and (not found or found[-1].attention)):
            raise UnsupportedFile(f"Its attention in `blocks.{i}` does not follow the blocks of this resolution.")
        if attention:
            found[-1] = replace(found[-1], attention=attention)
    return found


def _config(named: Foreign, names: Names, parts: list[Part]) -> BigGanConfig:
    read = weight_shape(named, f"{parts[0].prefix}bn1.gain", 2)[1]  # by each norm
    classes, embed_width = named.shape(EMBEDDING, 2) if EMBEDDING in named else (read, read)
    rows, columns = weight_shape(named, names.linear, 2)
    deep = has_weight(named, parts[0].prefix + names.conv.format(4))
    if deep and any(has_weight(named, part.prefix + names.shortcut) for part in parts):
        raise UnsupportedFile("This is a BigGAN-deep with convolutions as shortcuts, which this program does not know.")
    blocks = []
    for part in parts:
        hidden, in_channels = weight_shape(named, f"{part.prefix}{names.conv.format(1)}", 4)[:2]
        out_channels = weight_shape(named, f"{part.prefix}{names.conv.format(4 if deep else 2)}", 4)[0]
        blocks.append(BlockConfig(in_channels, out_channels, hidden, part.last, bool(part.attention)))
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
        eps=names.eps,
        image_channels=weight_shape(named, names.output, 4)[0],
    )


# ----------------------------------------------------------------------------
# Tensors.


def _tensors(named: Foreign, names: Names, config: BigGanConfig, parts: list[Part]) -> dict[str, Array]:
    first, last = config.blocks[0].in_channels, config.blocks[-1].out_channels
    rows = config.size**2 * first
    weight = folded(named, names.linear, rows, config.input_width)
    tensors = {
        "mapping.embed": _embedding(named, config),
        "synthesis.input.weight": _z_first(weight, config.embed_width) if config.deep else weight,
        "synthesis.input.bias": named.exactly(f"{names.linear}.bias", rows),
        "synthesis.norm.gain": named.exactly(f"{names.norm}.{names.gain}", last),
        "synthesis.norm.offset": named.exactly(f"{names.norm}.bias", last),
        **_statistics(named, f"{names.norm}.", "synthesis.norm.", last),
        "synthesis.torgb.weight": folded(named, names.output, config.image_channels, last, 3, 3),
        "synthesis.torgb.bias": named.exactly(f"{names.output}.bias", config.image_channels),
    }
    for i, (part, block) in enumerate(zip(parts, config.blocks, strict=True)):
        tensors |= _block(named, names, part.prefix, f"synthesis.blocks.{i}.", block, config)
        if part.attention:
            own = f"synthesis.attentions.{i}."
            tensors[f"{own}gamma"] = named.exactly(f"{part.attention}{names.gamma}", *names.gamma_shape).reshape(())
            shapes = attention_shapes(block.out_channels).items()
            for theirs, (name, shape) in zip(names.attention, shapes, strict=True):
                tensors[f"{own}{name}.weight"] = folded(named, part.attention + theirs, *shape)
    return tensors


def _embedding(named: Foreign, config: BigGanConfig) -> Array:
    if EMBEDDING not in named:
        return np.eye(config.c_dim, dtype=np.float32)
    return named.exactly(EMBEDDING, config.c_dim, config.embed_width)


def _block(
    named: Foreign, names: Names, prefix: str, own: str, block: BlockConfig, config: BigGanConfig
) -> dict[str, Array]:
    """prefix: of the file's names, own: of those of this program."""
    tensors: dict[str, Array] = {}
    reads_z = config.deep or config.chunks
    for k, (before, after, kernel) in enumerate(config.layers(block)):
        for name, theirs in (("gain", "gain"), ("offset", "bias")):
            read = config.embed_width + (config.z_width if reads_z else 0)
            weight = folded(named, f"{prefix}bn{k + 1}.{theirs}", before, read)
            unread = np.zeros((before, config.w_dim - read), np.float32)  # z, where only the class counts
            read_z_first = np.hstack([unread, _z_first(weight, config.embed_width)])
            tensors[f"{own}norms.{k}.{name}"] = made_of(weight, read_z_first)
        tensors |= _statistics(named, f"{prefix}bn{k + 1}.", f"{own}norms.{k}.", before)
        conv = prefix + names.conv.format(k + 1)
        tensors[f"{own}convs.{k}.weight"] = folded(named, conv, after, before, kernel, kernel)
        tensors[f"{own}convs.{k}.bias"] = named.exactly(f"{conv}.bias", after)
    if not config.deep:
        weight = folded(named, f"{prefix}{names.shortcut}", block.out_channels, block.in_channels, 1, 1)
        tensors[f"{own}shortcut.weight"] = weight
        tensors[f"{own}shortcut.bias"] = named.exactly(f"{prefix}{names.shortcut}.bias", block.out_channels)
    return tensors


def _z_first(weight: Array, embed_width: int) -> Array:
    """What reads a class and then z, as what reads z and then a class."""
    return np.roll(weight, -embed_width, axis=1)


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
