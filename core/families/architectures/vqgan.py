"""VQGAN: checkpoints of taming-transformers and latent-diffusion, whatever was trained with them, and our own files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict

import torch

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.common.records import MAX_CHANNELS, MAX_LATENT, Settings, agree, fill, saved_tensors, unreasonable
from core.families.common.vqgan_tensors import CODEBOOK, completed, reads_its_end
from core.loading.common.checkpoint import Node, SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.loading.formats.snapshot import Module
from core.networks.parts.coders import GROUPS, CoderConfig, Level
from core.networks.vqgan import Vqgan, VqganConfig
from core.request import ModelInfo
from core.synthesis.generator import Generator

KEY = "vqgan"
MAX_CODEBOOK = 1 << 20
MAX_LEVELS, MAX_BLOCKS = 10, 64
MAX_COLOURS = 4

PREFIX = "first_stage_model."  # of the network in a transformer
IN = "decoder.conv_in.weight"
GUMBEL_CODEBOOK, USED = "quantize.embed.weight", "quantize.used"
OURS = ("encoder.", "decoder.", "quantize.", "quant_conv.", "post_quant_conv.")
TRAINING = ("quantize.embedding.cluster_size", "quantize.embedding.embed_avg")

OTHERS = "Open a VQGAN of taming-transformers or latent-diffusion instead."

Tensors = Mapping[str, StoredTensor]


class VqganFamily:
    """Networks that this program wrote, or that the layout below has read."""

    key = KEY

    def detect(self, content: Node | SavedNetwork) -> bool:
        return isinstance(content, SavedNetwork) and content.family == KEY

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        with torch.device("meta"):
            return Vqgan(_config_of(content)).info

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        assert isinstance(content, SavedNetwork)  # or it is not detected
        with torch.device("meta"):
            network = Vqgan(_config_of(content))
        return network, fill(network, content.tensors)

    def save(self, generator: Generator) -> SavedNetwork | None:
        if not isinstance(generator, Vqgan):
            return None
        return SavedNetwork(KEY, asdict(generator.config), saved_tensors(generator))

    def snapshot(self, generator: Generator) -> Module | None:
        return None


# ----------------------------------------------------------------------------
# Our own files.


def _config_of(content: Node | SavedNetwork) -> VqganConfig:
    """Raises CheckpointError if settings are unreasonable."""
    assert isinstance(content, SavedNetwork)  # or it is not detected
    values = Settings(content.config, "config")
    codes = values.integer("codes", 1, MAX_CODEBOOK)
    return _checked(
        VqganConfig(
            codes=codes,
            code_width=values.integer("code_width", 1, MAX_LATENT),
            z_channels=values.integer("z_channels", 1, MAX_CHANNELS),
            gumbel=values.flag("gumbel"),
            decoder=_coder(values.child("decoder")),
            encoder=_coder(values.child("encoder")) if values.has("encoder") else None,
            published=values.integers("published", 0, codes - 1, range(MAX_CODEBOOK + 1)),
        )
    )


def _coder(values: Settings) -> CoderConfig:
    levels = []
    for item in values.sequence("levels"):
        level = Settings({"level": item}, f"{values.where}.levels").child("level")
        levels.append(
            Level(
                width=level.integer("width", 1, MAX_CHANNELS),
                blocks=level.integer("blocks", 1, MAX_BLOCKS),
                attention=level.flag("attention"),
                learned=level.flag("learned"),
            )
        )
    return CoderConfig(
        channels=values.integer("channels", 1, MAX_CHANNELS),
        width=values.integer("width", 1, MAX_CHANNELS),
        levels=tuple(levels),
        attention=values.flag("attention"),
        late_shortcuts=values.flag("late_shortcuts", False),
    )


def _checked(config: VqganConfig) -> VqganConfig:
    coders = [config.decoder, *([config.encoder] if config.encoder else [])]
    for coder in coders:
        if not 1 <= len(coder.levels) <= MAX_LEVELS:
            raise unreasonable("the number of levels", len(coder.levels), f"1 to {MAX_LEVELS}")
        for width in (coder.width, *(level.width for level in coder.levels)):
            if width % GROUPS:
                raise UnsupportedFile(f"A layer has {width} channels, which cannot be normalised in {GROUPS} groups.")
    if config.decoder.channels > MAX_COLOURS:
        raise UnsupportedFile(
            f"The network draws {config.decoder.channels} channels, one for each class of a segmentation, "
            "which are no picture. Open a VQGAN of pictures instead."
        )
    agree("the levels of the encoder and the decoder", *(len(coder.levels) for coder in coders))
    agree("the channels of its pictures", *(coder.channels for coder in coders))
    if config.gumbel:
        agree("the width of its codes", config.code_width, config.z_channels)
    return config


# ----------------------------------------------------------------------------
# Checkpoints.


class TamingLayout:
    """Lightning checkpoints, with the network alone or inside of a transformer."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and any(name in content.tensors for name in (IN, PREFIX + IN))

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # or it is not recognised
        tensors, notes = _own(content.tensors)
        _refuse_others(tensors)
        tensors = completed(tensors)
        config = _checked(_config(tensors))
        with torch.device("meta"):
            wanted = Vqgan(config).state_dict()
        unknown = [name for name in tensors if name.startswith(("decoder.", "encoder.")) and name not in wanted]
        if unknown:
            raise UnsupportedFile(f"This VQGAN has `{shown(unknown[0])}`, which this program does not know. {OTHERS}")
        unused = ("quant_conv.", "quantize.proj.") if config.encoder is None else ()
        kept = {name: t for name, t in tensors.items() if name in wanted or not name.startswith((*unused, *TRAINING))}
        kept.pop(USED, None)  # it is in the configuration
        return SavedNetwork(KEY, asdict(config), kept), notes


def _own(tensors: Tensors) -> tuple[Tensors, tuple[str, ...]]:
    """Those of the network itself, under their own names: without what is for training, or of a transformer."""
    notes: tuple[str, ...] = ()
    if PREFIX + IN in tensors:
        notes = ("The network stands inside of a larger model, of which only it is used.",)
        tensors = {n.removeprefix(PREFIX): t for n, t in tensors.items() if n.startswith(PREFIX)}
    return {name: tensor for name, tensor in tensors.items() if name.startswith(OURS)}, notes


def _refuse_others(tensors: Tensors) -> None:
    """Raises UnsupportedFile for relatives of VQGAN."""
    if any(name.startswith(("decoder.up_blocks.", "decoder.mid_block.")) for name in tensors):
        raise UnsupportedFile(f"This is an autoencoder in the layout of diffusers, which cannot be opened. {OTHERS}")
    if any(".to_qkv." in name or ".to_out." in name for name in tensors):
        raise UnsupportedFile(f"This VQGAN has linear attention, which this program does not have. {OTHERS}")
    if any(".conv_shortcut." in name for name in tensors):
        raise UnsupportedFile(f"This VQGAN has 3x3 shortcuts, which this program does not have. {OTHERS}")
    if CODEBOOK in tensors or GUMBEL_CODEBOOK in tensors:
        return
    doubled = "quant_conv.weight" in tensors and "post_quant_conv.weight" in tensors
    if doubled and tensors["quant_conv.weight"].shape[:1] == (2 * _columns(tensors["post_quant_conv.weight"]),):
        raise UnsupportedFile(
            f"This is a KL autoencoder (AutoencoderKL), which has no codebook and cannot be opened. {OTHERS}"
        )
    raise CheckpointError(f"The network has no codebook (`{CODEBOOK}` or `{GUMBEL_CODEBOOK}`); the file is incomplete.")


def _columns(tensor: StoredTensor) -> int:
    return tensor.shape[1] if len(tensor.shape) > 1 else 0


def _config(tensors: Tensors) -> VqganConfig:
    """All from names and shapes. Raises CheckpointError if they contradict each other."""
    gumbel = CODEBOOK not in tensors
    codes, code_width = _shape(tensors, GUMBEL_CODEBOOK if gumbel else CODEBOOK, 2)
    decoder, encoder = _decoder(tensors), _encoder(tensors)
    z_channels = _shape(tensors, IN, 4)[1]
    into, out_of = _shape(tensors, "post_quant_conv.weight", 4)[:2]
    agree("the channels between its codes and its decoder", z_channels, into)
    agree("the width of its codes", code_width, out_of)
    if encoder is not None:
        rows, columns = _shape(tensors, "quant_conv.weight", 4)[:2]
        agree("the width of its codes", code_width, rows)
        given = _shape(tensors, "encoder.conv_out.weight", 4)[0]
        agree("the channels between its encoder and its codes", z_channels, given, columns)
    if gumbel and encoder is not None:
        agree("the number of its codes", codes, _shape(tensors, "quantize.proj.weight", 4)[0])
    return VqganConfig(codes, code_width, z_channels, gumbel, decoder, encoder, _published(tensors, codes))


def _published(tensors: Tensors, codes: int) -> tuple[int, ...]:
    if USED not in tensors:
        return ()
    used = tensors[USED]
    if len(used.shape) != 1 or used.dtype not in ("int64", "int32") or not 1 <= used.shape[0] <= codes:
        raise CheckpointError(f"The tensor `{USED}` is no list of codes; the file is damaged.")
    numbers = tuple(int(number) for number in used.array.tolist())
    if min(numbers) < 0 or max(numbers) >= codes:
        raise CheckpointError(f"The tensor `{USED}` names codes that the codebook does not have; the file is damaged.")
    return numbers


def _decoder(tensors: Tensors) -> CoderConfig:
    count = _count(tensors, "decoder.up")
    levels = tuple(_level(tensors, f"decoder.up.{i}", "upsample", last=i == 0) for i in range(count))
    return CoderConfig(
        channels=_shape(tensors, "decoder.conv_out.weight", 4)[0],
        width=_shape(tensors, IN, 4)[0],
        levels=levels,
        attention="decoder.mid.attn_1.q.weight" in tensors,
        late_shortcuts=reads_its_end(tensors, "decoder"),
    )


def _encoder(tensors: Tensors) -> CoderConfig | None:
    if not any(name.startswith("encoder.") for name in tensors):
        return None
    count = _count(tensors, "encoder.down")
    levels = tuple(_level(tensors, f"encoder.down.{i}", "downsample", last=i == count - 1) for i in range(count))
    width, channels = _shape(tensors, "encoder.conv_in.weight", 4)[:2]
    attention, late_shortcuts = "encoder.mid.attn_1.q.weight" in tensors, reads_its_end(tensors, "encoder")
    return CoderConfig(channels, width, levels, attention, late_shortcuts)


def _level(tensors: Tensors, name: str, resampling: str, *, last: bool) -> Level:
    """last: nothing follows that would need resampling."""
    blocks = _count(tensors, f"{name}.block", MAX_BLOCKS)
    attention = _count(tensors, f"{name}.attn", MAX_BLOCKS, least=0)
    if attention not in (0, blocks):
        few = f"Only {attention} of the {blocks} blocks of `{name}` have attention"
        raise CheckpointError(f"{few}, as in no VQGAN that is known; it cannot be opened.")
    learned = f"{name}.{resampling}.conv.weight" in tensors
    if last and learned:
        raise UnsupportedFile(f"The last level, `{name}`, is resampled once more, which no published VQGAN does.")
    width = _shape(tensors, f"{name}.block.{blocks - 1}.conv2.weight", 4)[0]
    return Level(width, blocks, attention > 0, learned)


def _count(tensors: Tensors, name: str, most: int = MAX_LEVELS, *, least: int = 1) -> int:
    """How many numbered parts there are. Raises CheckpointError if one is missing, or there are too many."""
    pattern = re.compile(re.escape(name) + r"\.([0-9]{1,4})\.")
    found = {int(match[1]) for tensor in tensors if (match := pattern.match(tensor))}
    if len(found) < least:
        raise CheckpointError(f"The network lacks its part `{name}`; the file is damaged or of another kind.")
    if len(found) > most:
        raise unreasonable(f"the number of `{name}`", len(found), f"at most {most}")
    if found != set(range(len(found))):
        raise CheckpointError(f"The network lacks one of its parts `{name}`; the file is damaged.")
    return len(found)


def _shape(tensors: Tensors, name: str, rank: int) -> tuple[int, ...]:
    if name not in tensors:
        raise CheckpointError(f"The network lacks its tensor `{name}`; the file is damaged.")
    shape = tensors[name].shape
    if len(shape) != rank:
        raise CheckpointError(f"The tensor `{name}` has {len(shape)} dimensions instead of {rank}.")
    if min(shape) < 1 or max(shape) > MAX_CODEBOOK:
        raise unreasonable(name, shape, "a shape of a network")
    return shape
