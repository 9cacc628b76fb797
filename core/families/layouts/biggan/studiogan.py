"""BigGAN and its relatives as StudioGAN stores them: attention is a block of its own, spectral norms are torch's."""

from __future__ import annotations

from core.families.layouts.biggan.named_blocks import Names, saved_network
from core.families.layouts.biggan.spectral_norms import has_weight
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork

NAMES = Names(
    linear="linear0",
    conv="conv2d{}",
    shortcut="conv2d0",
    attention=("conv1x1_theta", "conv1x1_phi", "conv1x1_g", "conv1x1_attn"),
    gamma="sigma",
    gamma_shape=(1,),
    norm="bn4",
    gain="weight",
    output="conv2d5",
    eps=1e-4,
    bare_classes=True,
)
SIGNS = (NAMES.linear, "blocks.0.0.conv2d1", NAMES.output)


class StudioGanLayout:
    """`shared.*`, `linear0.*`, `blocks.I.J.*`, `bn4.*` and `conv2d5.*`."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and all(has_weight(content.tensors, sign) for sign in SIGNS)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        return saved_network(content, NAMES), ()
