"""BigGAN-deep as Hugging Face's port of it stores it (Brock et al. 2019, appendix B)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.base.whole import is_whole
from core.families.architectures.biggan import (
    MAX_BLOCKS,
    MAX_STATISTICS,
    attention_shapes,
    checked,
    first_size,
)
from core.families.common.records import MAX_CHANNELS, Settings, agree, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.families.layouts.biggan.spectral_norms import folded
from core.loading.common.checkpoint import Plain, SavedNetwork, StateDict, TensorFlowNetwork
from core.loading.common.sidecar import config_beside
from core.networks.biggan import BigGanConfig, BlockConfig

WHAT = "a BigGAN-deep network"
EPS = 1e-4  # where no settings lie beside the file
COLOURS = 3  # of the output's channels; no other is used
MEMBERS = frozenset({"output_dim", "z_dim", "class_embed_dim", "channel_width", "num_classes", "layers"})
LAYERS = "generator.layers."


class BigGanDeepLayout:
    """`embeddings.*` and `generator.*`, with the vectors of the spectral norms beside the weights."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        wanted = {"embeddings.weight", "generator.gen_z.weight_orig"}
        return isinstance(content, StateDict) and wanted <= content.tensors.keys()

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        named = Foreign(content.tensors, WHAT, ())
        beside = config_beside(content.path, MEMBERS)
        settings = Settings(beside[1], beside[0]) if beside else Settings({}, "")
        layers = _layers(named)
        config = checked(_config(named, settings, layers))
        if beside:
            _agree_with(beside[0], beside[1], config)
        tensors = _tensors(named, config, layers)
        return SavedNetwork("biggan", asdict(config), {**named.left(), **stored(tensors)}), ()


def _layers(named: Foreign) -> list[tuple[str, str]]:
    """For each block, what its names begin with, and what those of the attention after it do ("": there is none)."""
    found: list[tuple[str, str]] = []
    for i in range(named.numbered(LAYERS, 2 * MAX_BLOCKS)):
        prefix = f"{LAYERS}{i}."
        if not named.has_part(f"{prefix}snconv1x1_theta."):
            found.append((prefix, ""))
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0], prefix)
        else:
            raise UnsupportedFile(f"Its attention `{prefix}` follows no block, which this program does not know.")
    return found


def _config(named: Foreign, settings: Settings, layers: list[tuple[str, str]]) -> BigGanConfig:
    embed_width, classes = named.shape("embeddings.weight", 2)
    rows, columns = named.shape("generator.gen_z.weight_orig", 2)
    ups = _ups(settings, len(layers))
    blocks = []
    for (prefix, attention), up in zip(layers, ups, strict=True):
        hidden, in_channels = named.shape(f"{prefix}conv_0.weight_orig", 4)[:2]
        out_channels = named.shape(f"{prefix}conv_3.weight_orig", 4)[0]
        blocks.append(BlockConfig(in_channels, out_channels, hidden, up, bool(attention)))
    statistics = named.shape("generator.bn.running_means", 2)[0]
    if statistics > MAX_STATISTICS:
        raise unreasonable("n_stats", statistics, f"1 to {MAX_STATISTICS}")
    if named.shape("generator.conv_to_rgb.weight_orig", 4)[0] < COLOURS:
        raise UnsupportedFile("The network draws fewer than three colours; this program does not know such a BigGAN.")
    return BigGanConfig(
        z_dim=columns - embed_width,
        c_dim=classes,
        embed_width=embed_width,
        size=first_size(rows, blocks),
        blocks=tuple(blocks),
        deep=True,
        chunks=False,
        input_width=columns,
        statistics=statistics,
        eps=settings.number("eps", 0, 1, default=EPS),
        image_channels=COLOURS,
    )


def _ups(settings: Settings, count: int) -> list[bool]:
    """Which blocks make the features larger: every second one, unless the settings beside the file say it."""
    if not settings.has("layers"):
        return [i % 2 == 1 for i in range(count)]
    known = [_layer(settings, layer) for layer in settings.sequence("layers")[: 2 * MAX_BLOCKS]]
    agree(f"the number of its blocks (in the tensors and in `{shown(settings.where)}` beside it)", count, len(known))
    return [up for up, _, _ in known]


def _layer(settings: Settings, layer: Plain) -> tuple[bool, int, int]:
    match layer:
        case [bool(up), before, after] if is_whole(before) and is_whole(after):
            return up, before, after
    raise CheckpointError(f"A layer in `{shown(settings.where)}` is no [up, in, out]; put the file elsewhere.")


def _agree_with(name: str, beside: Mapping[str, Plain], config: BigGanConfig) -> None:
    """Raises CheckpointError if the settings beside the file are those of another network."""
    values = Settings(beside, name)
    width = values.integer("channel_width", 1, MAX_CHANNELS)
    layers = [_layer(values, layer) for layer in values.sequence("layers")]
    found = {
        "z_dim": config.z_dim,
        "class_embed_dim": config.embed_width,
        "num_classes": config.c_dim,
        "output_dim": config.sizes[-1],
        "n_stats": config.statistics,
    }
    for member, value in found.items():
        agree(f"`{member}` (in the tensors and in `{name}` beside it)", value,
              values.integer(member, 1, 10**6, default=value))  # fmt: skip
    for i, (block, (_, before, after)) in enumerate(zip(config.blocks, layers, strict=True)):
        agree(f"the channels of block {i} (in the tensors and in `{name}` beside it)",
              (block.in_channels, block.out_channels), (before * width, after * width))  # fmt: skip


# ----------------------------------------------------------------------------
# Tensors.


def _tensors(named: Foreign, config: BigGanConfig, layers: list[tuple[str, str]]) -> dict[str, Array]:
    first, last = config.blocks[0].in_channels, config.blocks[-1].out_channels
    size, width, rows = config.size, config.w_dim, config.statistics
    # The features come with the channels last.
    weight = folded(named, "generator.gen_z", size * size * first, width).reshape(size * size, first, width)
    bias = named.exactly("generator.gen_z.bias", size * size * first).reshape(size * size, first)
    colours = named.shape("generator.conv_to_rgb.weight_orig", 4)[0]
    tensors = {
        "mapping.embed": named.exactly("embeddings.weight", config.embed_width, config.c_dim).T,
        "synthesis.input.weight": weight.transpose(1, 0, 2).reshape(-1, width),
        "synthesis.input.bias": bias.T.reshape(-1),
        "synthesis.norm.gain": named.exactly("generator.bn.weight", last),
        "synthesis.norm.offset": named.exactly("generator.bn.bias", last),
        "synthesis.norm.mean": named.exactly("generator.bn.running_means", rows, last),
        "synthesis.norm.var": named.exactly("generator.bn.running_vars", rows, last),
        "synthesis.torgb.weight": folded(named, "generator.conv_to_rgb", colours, last, 3, 3)[:COLOURS],
        "synthesis.torgb.bias": named.exactly("generator.conv_to_rgb.bias", colours)[:COLOURS],
    }
    for i, ((prefix, attention), block) in enumerate(zip(layers, config.blocks, strict=True)):
        own = f"synthesis.blocks.{i}."
        for k, (before, after, kernel) in enumerate(config.layers(block)):
            tensors[f"{own}norms.{k}.gain"] = folded(named, f"{prefix}bn_{k}.scale", before, width)
            tensors[f"{own}norms.{k}.offset"] = folded(named, f"{prefix}bn_{k}.offset", before, width)
            tensors[f"{own}norms.{k}.mean"] = named.exactly(f"{prefix}bn_{k}.running_means", rows, before)
            tensors[f"{own}norms.{k}.var"] = named.exactly(f"{prefix}bn_{k}.running_vars", rows, before)
            tensors[f"{own}convs.{k}.weight"] = folded(named, f"{prefix}conv_{k}", after, before, kernel, kernel)
            tensors[f"{own}convs.{k}.bias"] = named.exactly(f"{prefix}conv_{k}.bias", after)
        if attention:
            own = f"synthesis.attentions.{i}."
            tensors[f"{own}gamma"] = named.exactly(f"{attention}gamma", 1).reshape(())
            for name, shape in attention_shapes(block.out_channels).items():
                theirs = "snconv1x1_o_conv" if name == "o" else f"snconv1x1_{name}"
                tensors[f"{own}{name}.weight"] = folded(named, attention + theirs, *shape)
    return tensors
