"""ProGAN in the layout of genforce, which InterFaceGAN and SeFa use too: named after TensorFlow's layers."""

from __future__ import annotations

from core.families.architectures.progan import Weights, first_weights, saved_network
from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.records import unreasonable
from core.families.common.tensor_renaming import Foreign, equalised
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import ProGanConfig, Progression

WHAT = "a progressive GAN of genforce"
LAYER, RGB = "layer{}", "output{}"  # numbered from the coarsest on
PARTS = (("weight", "bias"), ("conv.weight", "wscale.bias"))  # in this program, and in an earlier one
LOD = "lod"


class GenforceProGanLayout:
    """There is a layer to RGB for each resolution. Kernels are correlated after the pixels were doubled."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and _parts(content) is not None

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, WHAT)
        weight, bias = _parts(content) or PARTS[0]
        count = file.count(f"{LAYER}.{weight}", 2 * MAX_BLOCKS)
        if count % 2:
            raise unreasonable("the number of layers", count, "two for each resolution")

        def layer(name: str, *gain: float) -> Weights:
            return equalised(file.take(f"{name}.{weight}", 4), *gain), file.take(f"{name}.{bias}", 1)

        kernel = file.take(f"{LAYER.format(0)}.{weight}", 4)
        first = first_weights(kernel, file.take(f"{LAYER.format(0)}.{bias}", 1), LAYER.format(0))
        layers = [layer(LAYER.format(i)) for i in range(1, count)]
        blocks = [i for i in reversed(range(count // 2)) if file.has_part(f"{RGB.format(i)}.") or i == count // 2 - 1]
        rgbs = [layer(RGB.format(i), 1.0) for i in blocks]
        channels = tuple(len(own) for _, own in layers[::2])
        lod = file.number(LOD) or 0.0
        progression = checked(Progression(channels, len(rgbs[0][1]), rgb_layers=len(rgbs), lod=lod))
        return saved_network(ProGanConfig(kernel.shape[1], 0, progression), first, layers, rgbs, file), ()


def _parts(content: StateDict) -> tuple[str, str] | None:
    """What weights and biases are called in layers; None: these are other ones."""
    if any(".style." in name for name in content.tensors):  # a synthesis of StyleGANs
        return None
    layers = (LAYER.format(0), LAYER.format(1), RGB.format(0))
    for weight, bias in PARTS:
        if all(f"{layer}.{part}" in content.tensors for layer in layers for part in (weight, bias)):
            is_convolution = len(content.tensors[f"{LAYER.format(0)}.{weight}"].shape) == 4
            return (weight, bias) if is_convolution else None
    return None
