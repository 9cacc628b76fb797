"""BigGAN and BigGAN-deep as the authors' PyTorch code stores them: a state dict alone, with nothing about its shape."""

from __future__ import annotations

from core.families.layouts.biggan.named_blocks import Names, saved_network
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork

NAMES = Names(
    linear="linear",
    conv="conv{}",
    shortcut="conv_sc",
    attention=("theta", "phi", "g", "o"),
    gamma="gamma",
    gamma_shape=(),
    norm="output_layer.0",
    gain="gain",
    output="output_layer.2",
    eps=1e-5,
    bare_classes=False,
)
SIGNS = {"linear.weight", "blocks.0.0.conv1.weight"}


class BigGanLayout:
    """`shared.*`, `linear.*`, `blocks.I.J.*` and `output_layer.*`, with a vector of each spectral norm beside."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and content.tensors.keys() >= SIGNS

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        return saved_network(content, NAMES), ()
