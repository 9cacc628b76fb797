"""ProGAN in the layouts of PyTorch programs: pytorch_GAN_zoo and GAN dissection."""

from __future__ import annotations

import math

import numpy as np

from core.families.architectures.progan import FIRST_EDGE, Weights, first_weights, progan_config, saved_network
from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.records import agree, unreasonable
from core.families.common.tensor_renaming import Foreign, equalised
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import Progression

# ----------------------------------------------------------------------------
# pytorch_GAN_zoo: (W x + b) c.

ZOO_SIGN = "formatLayer.module.weight"
ZOO_BLOCK = "scaleLayers.{}.{}"
ZOO_RGB = "toRGBLayers.{}"
ONLY_TRAINING = "The smoothed copy `avgG` is missing from this file: the training generator `netG` was loaded."


class GanZooLayout:
    """There is a layer to RGB for each resolution. What the training grew up to is all there is."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and ZOO_SIGN in content.tensors

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, "a progressive GAN of pytorch_GAN_zoo")
        first = _zoo(file, "formatLayer", 2)
        count = file.count(ZOO_RGB + ".module.weight", MAX_BLOCKS)
        names = [ZOO_BLOCK.format(i, part) for i in range(count - 1) for part in (0, 1)]
        layers = [_zoo(file, name, 4) for name in ("groupScale0.0", *names)]
        rgbs = [_zoo(file, ZOO_RGB.format(i), 4) for i in reversed(range(count))]
        channels = tuple(len(bias) for _, bias in layers[::2])
        agree("the shape of `formatLayer`", len(first[1]), channels[0] * FIRST_EDGE**2)
        blocks = checked(Progression(channels, len(rgbs[0][1]), rgb_layers=count))
        saved = saved_network(progan_config(content, first[0].shape[1], blocks), first, layers, rgbs, file)
        return saved, (ONLY_TRAINING,) if content.wrapper == "netG" else ()


def _zoo(file: Foreign, name: str, rank: int) -> Weights:
    weight, bias = file.take(f"{name}.module.weight", rank), file.take(f"{name}.module.bias", 1)
    return equalised(weight), bias * np.float32(math.sqrt(2 / math.prod(weight.shape[1:])))


# ----------------------------------------------------------------------------
# GAN dissection.

LAYER = "layer{}"
OLD_LAYER = "features.{}"  # numbered from 0
OUTPUT, OLD_OUTPUT = "output_{0}x{0}", "output"
SIGNS = ((LAYER.format(1), LAYER.format(2)), (OLD_LAYER.format(0), OLD_LAYER.format(1)))
BIAS = ".wscale.b"


class GanDissectLayout:
    """The names are of two generations. Each layer normalises what comes in, which is the same as what goes out."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and any(
            all(f"{layer}{part}" in content.tensors for layer in layers for part in (".conv.weight", BIAS))
            for layers in SIGNS
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, "a progressive GAN of GAN dissection")
        is_new = f"{LAYER.format(1)}.conv.weight" in file
        start = 1 if is_new else 0
        name = LAYER if is_new else OLD_LAYER
        count = file.count(f"{name}.conv.weight", 2 * MAX_BLOCKS, first=start)
        if count % 2:
            raise unreasonable("the number of layers", count, "two for each resolution")
        layers = [_dissected(file, name.format(start + i)) for i in range(1, count)]
        channels = tuple(len(bias) for _, bias in layers[::2])
        outputs = [OUTPUT.format(FIRST_EDGE << i) for i in reversed(range(len(channels)))] if is_new else [OLD_OUTPUT]
        outputs = [output for i, output in enumerate(outputs) if i == 0 or file.has_part(f"{output}.")]
        rgbs = [_dissected(file, output, gain=1.0) for output in outputs]
        one = name.format(start)
        first = first_weights(file.take(f"{one}.conv.weight", 4), file.take(f"{one}{BIAS}", 1), one)
        blocks = checked(Progression(channels, len(rgbs[0][1]), rgb_layers=len(rgbs)))
        return saved_network(progan_config(content, first[0].shape[1], blocks), first, layers, rgbs, file), ()


def _dissected(file: Foreign, name: str, gain: float = math.sqrt(2)) -> Weights:
    return equalised(file.take(f"{name}.conv.weight", 4), gain), file.take(f"{name}{BIAS}", 1)
