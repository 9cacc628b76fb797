"""R3GAN: snapshots of its authors' code, which pickles ordinary modules, and our own files."""

from __future__ import annotations

from dataclasses import asdict

from core.base.errors import CheckpointError
from core.families.common.converted import ConvertedFamily, largest_channels
from core.families.common.records import (
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_LATENT,
    MAX_LAYERS,
    MAX_RESAMPLING,
    MAX_RESOLUTION,
    Settings,
    agree,
    child,
    flatten,
    settings,
    unreasonable,
)
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.loading.common.checkpoint import Node, SavedNetwork
from core.networks.r3gan import R3Gan, R3GanConfig, StageConfig
from core.request import ModelInfo
from core.synthesis.generator import Generator

WHAT = "an R3GAN network"
MAX_STAGES = 12
STAGES = "Model.MainLayers."
EMBEDDING, OUTPUT = "Model.EmbeddingLayer.weight", "Model.AggregationLayer.Layer.weight"
MAX_SIZE = 64  # of the first features


class R3GanFamily(ConvertedFamily):
    key = "r3gan"
    network = R3Gan

    def detect(self, content: Node | SavedNetwork) -> bool:
        if isinstance(content, SavedNetwork):
            return super().detect(content)
        model = content.children.get("Model")
        return model is not None and {"MainLayers", "AggregationLayer"} <= model.children.keys()

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        if isinstance(content, Node):
            config = checked(_config(Foreign(dict(flatten(content)), WHAT, ()), content))
            content = SavedNetwork(self.key, asdict(config), {})
        return super().describe(content)

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        return super().build(_saved(content) if isinstance(content, Node) else content)

    def config_of(self, values: Settings) -> R3GanConfig:
        stages = values.sequence("stages")
        height, width = values.integers("size", 1, MAX_SIZE, (2,))
        return checked(
            R3GanConfig(
                z_dim=values.integer("z_dim", 1, MAX_LATENT),
                c_dim=values.integer("c_dim", 0, MAX_CLASSES),
                embed_width=values.integer("embed_width", 0, MAX_LATENT),
                size=(height, width),
                stages=tuple(_stage(Settings({"stage": stage}, "config").child("stage")) for stage in stages),
                image_channels=values.integer("image_channels", 1, 4),
                taps=values.integer("taps", 1, MAX_RESAMPLING),
            )
        )


def _stage(values: Settings) -> StageConfig:
    return StageConfig(
        channels=values.integer("channels", 1, MAX_CHANNELS),
        blocks=values.integer("blocks", 0, MAX_LAYERS),
        hidden=values.integer("hidden", 1, MAX_CHANNELS),
        groups=values.integer("groups", 1, MAX_CHANNELS),
    )


def checked(config: R3GanConfig) -> R3GanConfig:
    """Raises RefusedFile for an unreasonable number, CheckpointError if the parts do not fit together."""
    if not 1 <= len(config.stages) <= MAX_STAGES or max(config.size) > MAX_SIZE:
        raise unreasonable("the number of its stages", len(config.stages), f"1 to {MAX_STAGES}")
    edge = max(config.stage_size(len(config.stages) - 1))
    if edge > MAX_RESOLUTION:
        raise unreasonable("img_resolution", edge, f"at most {MAX_RESOLUTION}")
    if (config.c_dim > 0) != (config.embed_width > 0):
        raise CheckpointError(f"The network has {config.c_dim} classes, but embeds {config.embed_width} numbers.")
    for stage in config.stages:
        largest_channels(stage.channels, stage.hidden)
        if stage.hidden % stage.groups:
            raise CheckpointError(f"Its {stage.hidden} channels are not {stage.groups} groups of one size.")
    return config


# ----------------------------------------------------------------------------
# Snapshots.


def _saved(generator: Node) -> SavedNetwork:
    named = Foreign(dict(flatten(generator)), WHAT, ())
    config = checked(_config(named, generator))
    tensors = stored(_tensors(named, config))
    return SavedNetwork("r3gan", asdict(config), {**named.left(), **tensors})


def _config(named: Foreign, generator: Node) -> R3GanConfig:
    stages = tuple(_stage_of(named, generator, i) for i in range(named.numbered(STAGES, MAX_STAGES)))
    channels, height, width = named.shape(f"{STAGES}0.Layers.0.Basis", 3)
    agree("the channels of its first stage", channels, stages[0].channels)
    inputs = named.shape(f"{STAGES}0.Layers.0.LinearLayer.weight", 2)[1]
    embed_width, c_dim = named.shape(EMBEDDING, 2) if EMBEDDING in named else (0, 0)
    config = R3GanConfig(
        z_dim=inputs - embed_width,
        c_dim=c_dim,
        embed_width=embed_width,
        size=(height, width),
        stages=stages,
        image_channels=named.shape(OUTPUT, 4)[0],
        taps=named.shape(f"{STAGES}1.Layers.0.Resampler.Kernel", 2)[0] if len(stages) > 1 else 1,
    )
    root = settings(generator, "")
    for name, value in (("z_dim", config.z_dim), ("c_dim", c_dim)):
        agree(f"its `{name}`", root.integer(name, 0, MAX_CLASSES, default=value), value)
    edge = max(config.stage_size(len(stages) - 1))
    agree("its resolution", root.integer("img_resolution", 1, MAX_RESOLUTION, default=edge), edge)
    if config.z_dim < 1 or not 1 <= config.image_channels <= 4:
        raise unreasonable("z_dim and colours", (config.z_dim, config.image_channels), "at least 1, and 1 to 4")
    return config


def _stage_of(named: Foreign, generator: Node, index: int) -> StageConfig:
    prefix = f"{STAGES}{index}.Layers."
    layers = named.numbered(prefix, MAX_LAYERS)
    shapes = [
        (named.shape(f"{prefix}{j}.LinearLayer3.Layer.weight", 4)[0],
         *named.shape(f"{prefix}{j}.LinearLayer2.Layer.weight", 4)[:2])
        for j in range(1, layers)
    ]  # fmt: skip
    if not shapes:
        raise CheckpointError(f"The stage {index} of the network has no residual block; the file is damaged.")
    agree(f"the channels of stage {index}", *shapes)
    channels, hidden, group = shapes[0]
    for j in range(1, layers):
        node = generator
        for name in f"{prefix}{j}.LinearLayer2.Layer".split("."):
            node = child(node, name, prefix)
        own = settings(node, f"{prefix}{j}.LinearLayer2")
        groups = own.integer("groups", 1, MAX_CHANNELS, default=hidden // group)
        agree(f"the groups of stage {index}", groups * group, hidden)
    return StageConfig(channels, layers - 1, hidden, hidden // group)


def _tensors(named: Foreign, config: R3GanConfig) -> dict[str, Array]:
    first, last = config.stages[0].channels, config.stages[-1].channels
    tensors = {
        "synthesis.input.basis": named.exactly(f"{STAGES}0.Layers.0.Basis", first, *config.size),
        "synthesis.input.weight": named.exactly(f"{STAGES}0.Layers.0.LinearLayer.weight", first, config.w_dim),
        "synthesis.torgb": named.exactly(OUTPUT, config.image_channels, last, 1, 1),
    }
    if config.c_dim:
        tensors["mapping.embed"] = named.exactly(EMBEDDING, config.embed_width, config.c_dim).T
    for i, stage in enumerate(config.stages):
        prefix, own = f"{STAGES}{i}.Layers.", f"synthesis.stages.{i}."
        if i:
            tensors[f"{own}up.filter"] = named.exactly(f"{prefix}0.Resampler.Kernel", config.taps, config.taps)
            before = config.stages[i - 1].channels
            if before != stage.channels:
                weight = named.exactly(f"{prefix}0.LinearLayer.Layer.weight", stage.channels, before, 1, 1)
                tensors[f"{own}up.weight"] = weight
        for j in range(stage.blocks):
            place, block = f"{prefix}{j + 1}.", f"{own}blocks.{j}."
            shapes = ((stage.hidden, stage.channels, 1, 1), (stage.hidden, stage.hidden // stage.groups, 3, 3),
                      (stage.channels, stage.hidden, 1, 1))  # fmt: skip
            for number, (name, shape) in enumerate(zip(("widen", "blend", "narrow"), shapes, strict=True), 1):
                tensors[block + name] = named.exactly(f"{place}LinearLayer{number}.Layer.weight", *shape)
            for number in (1, 2):
                tensors[f"{block}bias{number}"] = named.exactly(f"{place}NonLinearity{number}.Bias", stage.hidden)
    return tensors
