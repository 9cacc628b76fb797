"""StyleGAN as this program writes it."""

from __future__ import annotations

from typing import Any

from core.base.errors import UnsupportedFile
from core.families.common.converted import ConvertedFamily
from core.families.common.grown import progression_of_json
from core.families.common.mapping import ESTIMATED, W_AVG, mapping_of_json
from core.families.common.records import Settings, agree, known_activation
from core.loading.common.checkpoint import SavedNetwork
from core.networks.parts.progressive_config import StyleGan1Config
from core.networks.stylegan1 import StyleGan1

ACTIVATIONS = ("lrelu", "relu")
MAX_BLUR = 15  # taps


class StyleGan1Family(ConvertedFamily):
    key = "stylegan1"
    network = StyleGan1
    optional = (W_AVG,)

    def config_of(self, values: Settings) -> StyleGan1Config:
        return checked(
            StyleGan1Config(
                mapping=mapping_of_json(values.child("mapping")),
                blocks=progression_of_json(values.child("blocks")),
                const_input=values.flag("const_input"),
                blur_taps=values.integer("blur_taps", 0, MAX_BLUR),
                bias_before_blur=values.flag("bias_before_blur"),
                use_noise=values.flag("use_noise"),
                shared_noise=values.flag("shared_noise"),
                activation=values.text("activation"),
                use_pixel_norm=values.flag("use_pixel_norm"),
                use_instance_norm=values.flag("use_instance_norm"),
                epsilon=values.number("epsilon", 1e-30, 1),
                use_styles=values.flag("use_styles"),
            )
        )

    def complete(self, network: Any, content: SavedNetwork) -> tuple[str, ...]:
        if W_AVG in content.tensors:
            return ()
        network.mapping.estimate_w_avg()
        return (ESTIMATED,)


def checked(config: StyleGan1Config) -> StyleGan1Config:
    """Raises UnsupportedFile for what no published StyleGAN has."""
    known_activation(config.activation, ACTIVATIONS)
    known_activation(config.mapping.activation, ACTIVATIONS)
    agree("the centres of its classes", config.mapping.class_centres, False)
    if config.blur_taps and config.blur_taps % 2 == 0:
        raise UnsupportedFile(
            f"The network blurs with {config.blur_taps} taps, an even number, which moves the picture by half a pixel; "
            "this program does not know such networks."
        )
    return config
