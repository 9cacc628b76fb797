"""Our networks as modules of NVIDIA's PyTorch code: its class names and attributes, for snapshots."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from torch import Tensor, nn

from core.loading.formats.snapshot import Array, Module
from core.networks.parts.config import EMBEDDED, LayerConfig, MappingConfig, StyleGan2Config, StyleGan3Config
from core.networks.parts.layers import FullyConnected
from core.networks.parts.layers import Mapping as MappingNetwork
from core.networks.stylegan2 import Block, Shortcut, StyleGan2, SynthesisLayer, ToRgb
from core.networks.stylegan3 import StyleGan3, SynthesisInput
from core.networks.stylegan3 import SynthesisLayer as SynthesisLayer3
from ops.bias_act import default_gain

W_AVG_BETA = 0.998  # of training, as are the other betas
MAGNITUDE_BETA = 0.999


def has_official_mapping(mapping: MappingConfig) -> bool:
    """Whether NVIDIA's code has such a mapping network; StyleGAN-XL and TensorFlow have others."""
    return mapping.label == EMBEDDED and not mapping.class_centres


def official(network: StyleGan2 | StyleGan3) -> Module:
    """The generator as the official code has it; its arrays share the memory of the network's tensors."""
    mapping, config = network.config.mapping, network.config
    attributes = {
        "z_dim": mapping.z_dim,
        "c_dim": mapping.c_dim,
        "w_dim": mapping.w_dim,
        "img_resolution": network.info.height,
        "img_channels": network.info.channels,
    }
    kwargs = {**attributes, "mapping_kwargs": {"num_layers": len(mapping.widths)}}
    synthesis = _synthesis2(network, config) if isinstance(config, StyleGan2Config) else _synthesis3(network, config)
    children = {"synthesis": synthesis, "mapping": _mapping(network.mapping, config.num_ws)}
    return _module("Generator", {**attributes, "num_ws": config.num_ws}, children=children, kwargs=kwargs)


def _module(
    class_name: str,
    attributes: Mapping[str, object],
    own: nn.Module | None = None,
    children: Mapping[str, Module] | None = None,
    kwargs: Mapping[str, object] | None = None,
) -> Module:
    """own: the module whose tensors it has. kwargs: what its class was made with."""
    parameters, buffers = {}, {}
    if own is not None:
        parameters = {name: _array(x) for name, x in own.named_parameters(recurse=False)}
        buffers = {name: None if x is None else _array(x) for name, x in own._buffers.items()}
    made_with = {"_init_args": (), "_init_kwargs": dict(attributes if kwargs is None else kwargs)}
    return Module(class_name, {**attributes, **made_with}, parameters, buffers, children or {})


def _array(x: Tensor) -> Array:
    array: Array = x.detach().float().cpu().numpy()
    return array


def _connected(layer: FullyConnected) -> Module:
    outputs, inputs = layer.weight.shape
    attributes = {
        "in_features": inputs,
        "out_features": outputs,
        "activation": layer.activation,
        "weight_gain": layer.lr / math.sqrt(inputs),
        "bias_gain": layer.lr,
    }
    kwargs = {
        "in_features": inputs,
        "out_features": outputs,
        "activation": layer.activation,
        "lr_multiplier": layer.lr,
    }
    return _module("FullyConnectedLayer", attributes, layer, kwargs=kwargs)


def _mapping(mapping: MappingNetwork, num_ws: int) -> Module:
    config = mapping.config
    attributes = {
        "z_dim": config.z_dim,
        "c_dim": config.c_dim,
        "w_dim": config.w_dim,
        "num_ws": num_ws,
        "num_layers": len(config.widths),
        "w_avg_beta": W_AVG_BETA,
    }
    layers = {name: _connected(layer) for name, layer in mapping.named_children() if isinstance(layer, FullyConnected)}
    return _module("MappingNetwork", attributes, mapping, layers)


# ----------------------------------------------------------------------------
# StyleGAN2.


def _synthesis2(network: nn.Module, config: StyleGan2Config) -> Module:
    size = config.resolutions[-1]
    attributes = {
        "w_dim": config.mapping.w_dim,
        "img_resolution": size,
        "img_resolution_log2": size.bit_length() - 1,
        "img_channels": config.image_channels,
        "num_fp16_res": sum(config.fp16_blocks),
        "block_resolutions": list(config.resolutions),
        "num_ws": config.num_ws,
    }
    blocks = {
        name: _block(block, config, i)
        for i, (name, block) in enumerate(network.get_submodule("synthesis").named_children())
        if isinstance(block, Block)
    }
    return _module("SynthesisNetwork", attributes, children=blocks)


def _block(block: Block, config: StyleGan2Config, index: int) -> Module:
    attributes = {
        "in_channels": config.channels[index - 1] if index else 0,
        "w_dim": config.mapping.w_dim,
        "resolution": config.resolutions[index],
        "img_channels": config.image_channels,
        "is_last": block.is_last,
        "architecture": config.architecture,
        "use_fp16": block.is_half,
        "channels_last": False,
        "fused_modconv_default": "inference_only",
        "num_conv": 2 if index else 1,
        "num_torgb": 0 if block.torgb is None else 1,
    }
    layers = {
        name: _layer2(layer, config, config.resolutions[index])
        for name, layer in block.named_children()
        if isinstance(layer, SynthesisLayer | ToRgb | Shortcut)
    }
    return _module("SynthesisBlock", attributes, block, layers)


def _layer2(layer: SynthesisLayer | ToRgb | Shortcut, config: StyleGan2Config, resolution: int) -> Module:
    outputs, inputs, kernel, _ = layer.weight.shape
    sizes: dict[str, object] = {"in_channels": inputs, "out_channels": outputs}
    if isinstance(layer, Shortcut):
        gain = {"weight_gain": 1 / math.sqrt(inputs), "act_gain": 1.0}
        attributes = {
            **sizes,
            "activation": "linear",
            "up": 2,
            "down": 1,
            "conv_clamp": None,
            "padding": 0,
            "bias": None,
        }
        return _module("Conv2dLayer", {**attributes, **gain}, layer)
    affine = {"affine": _connected(layer.affine)}
    sizes["w_dim"] = config.mapping.w_dim
    if isinstance(layer, ToRgb):
        attributes = {**sizes, "conv_clamp": layer.clamp, "weight_gain": 1 / math.sqrt(inputs * kernel**2)}
        return _module("ToRGBLayer", attributes, layer, affine)
    attributes = {
        **sizes,
        "resolution": resolution,
        "up": layer.up,
        "use_noise": layer.use_noise,
        "activation": layer.activation,
        "conv_clamp": layer.clamp,
        "padding": kernel // 2,
        "act_gain": default_gain(layer.activation),
    }
    return _module("SynthesisLayer", attributes, layer, affine)


# ----------------------------------------------------------------------------
# StyleGAN3.


def _synthesis3(network: nn.Module, config: StyleGan3Config) -> Module:
    synthesis = network.get_submodule("synthesis")
    height = config.layers[-1].out_size[1]
    attributes = {
        "w_dim": config.mapping.w_dim,
        "num_ws": config.num_ws,
        "img_resolution": height,
        "img_channels": config.layers[-1].out_channels,
        "num_layers": len(config.layers) - 1,
        "num_critical": sum(map(_is_critical, config.layers[:-1])),
        "margin_size": round((config.input_size[1] - config.input_rate) / 2),
        "output_scale": config.output_scale,
        "num_fp16_res": _half_resolutions(config, height),
        "layer_names": [layer.name for layer in config.layers],
    }
    source = synthesis.get_submodule("input")
    assert isinstance(source, SynthesisInput)  # as the network makes it
    what = {
        "w_dim": config.mapping.w_dim,
        "channels": config.input_channels,
        "size": np.array(config.input_size),
        "sampling_rate": config.input_rate,
        "bandwidth": config.bandwidth,
    }
    layers = {"input": _module("SynthesisInput", what, source, {"affine": _connected(source.affine)})}
    for layer in config.layers:
        module = synthesis.get_submodule(layer.name)
        assert isinstance(module, SynthesisLayer3)
        layers[layer.name] = _layer3(module, layer, config.mapping.w_dim)
    return _module("SynthesisNetwork", attributes, children=layers)


def _layer3(module: SynthesisLayer3, layer: LayerConfig, w_dim: int) -> Module:
    attributes = {
        "w_dim": w_dim,
        "is_torgb": layer.is_torgb,
        "is_critically_sampled": _is_critical(layer),
        "use_fp16": layer.half,
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "in_size": np.array(layer.in_size),
        "out_size": np.array(layer.out_size),
        "in_sampling_rate": round(layer.in_rate),
        "out_sampling_rate": round(layer.out_rate),
        "tmp_sampling_rate": round(layer.in_rate * layer.up),
        "in_cutoff": layer.up_design.cutoff,
        "out_cutoff": layer.down_design.cutoff,
        "in_half_width": layer.up_design.half_width,
        "out_half_width": layer.down_design.half_width,
        "conv_kernel": layer.kernel,
        "conv_clamp": layer.clamp,
        "magnitude_ema_beta": MAGNITUDE_BETA,
        "up_factor": layer.up,
        "up_taps": layer.up_shape[0] if layer.up_shape else 1,
        "down_factor": layer.down,
        "down_taps": layer.down_shape[0] if layer.down_shape else 1,
        "down_radial": len(layer.down_shape) == 2,
        "padding": list(layer.padding),
    }
    return _module("SynthesisLayer", attributes, module, {"affine": _connected(module.affine)})


def _is_critical(layer: LayerConfig) -> bool:
    """Whether the band reaches up to what the sampling rate can hold."""
    return 2 * layer.down_design.cutoff >= layer.out_rate


def _half_resolutions(config: StyleGan3Config, height: int) -> int:
    """The number from which the official rule makes the layers that run in float16; 0 if it makes other ones."""
    flags = [layer.half for layer in config.layers]
    rates = [layer.out_rate for layer in config.layers]
    fitting = (n for n in range(height.bit_length() + 1) if [rate * 2**n > height for rate in rates] == flags)
    return next(fitting, 0)
