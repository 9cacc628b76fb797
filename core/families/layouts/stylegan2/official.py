"""StyleGAN2 as the state dict of NVIDIA's PyTorch modules, alone or as the decoder of other programs' encoders."""

from __future__ import annotations

from dataclasses import replace

from core.families.architectures.stylegan2 import config_of
from core.families.common.mapping import LATENT_AVERAGE, W_AVG, average_of
from core.families.common.records import tree
from core.families.layouts.stylegan2.stylegan2_layout import NO_NOISE, made_up_noise, refuse_forks, saved_stylegan2
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork

SIGNS = ("mapping.fc", "synthesis.b4.const")  # what names begin with


class OfficialStyleGan2Layout:
    """Names and shapes tell all but what no published network changes: leaky ReLUs and learning-rate factors."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and all(
            any(name.startswith(sign) for name in content.tensors) for sign in SIGNS
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        refuse_forks(content.tensors)
        config = config_of(tree(content.tensors))
        found = dict(content.tensors)
        average = found.pop(LATENT_AVERAGE, None) or content.beside.get(LATENT_AVERAGE)
        if W_AVG not in found:
            found |= average_of(average, config.mapping.w_dim, LATENT_AVERAGE)
        if not config.use_noise and any(name.endswith(".noise_strength") for name in found):  # without its buffers
            config = replace(config, use_noise=True)
            return saved_stylegan2(config, made_up_noise(config) | found), (NO_NOISE,)
        return saved_stylegan2(config, found), ()
