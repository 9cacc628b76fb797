"""StyleGAN2 as the programs around BasicSR store it, which restore faces (GFPGAN); and as the prior inside of those."""

from __future__ import annotations

from core.base.errors import UnsupportedFile
from core.families.layouts.stylegan2.rosinality import RosinalityStyleGan2Layout, Spelling
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork

OTHERWISE_SCALED = "style_conv1.bias"  # of their variant without equalised learning rates

REWRITTEN = (
    "This is the `clean` variant of a StyleGAN2 network for restoring faces, whose layers are scaled in another way; "
    "open the network that it was converted from."
)


class BasicSrLayout(RosinalityStyleGan2Layout):
    """Other names, the same mathematics."""

    spelling = Spelling(
        mapping="style_mlp.{}",
        const="constant_input.weight",
        first="style_conv1",
        convs="style_convs.{}",
        modulated="modulated_conv",
        strength="weight",
        noise="noises.noise{}",
    )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        """Raises UnsupportedFile for the variant whose weights mean something else."""
        assert isinstance(content, StateDict)  # as recognised
        if any(name.endswith(OTHERWISE_SCALED) for name in content.tensors):
            raise UnsupportedFile(REWRITTEN)
        return super().saved(content)
