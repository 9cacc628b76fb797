"""The StyleGAN generator (Karras et al. 2019)."""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from core.networks.parts.adain import Epilogue, FirstLayer, SynthesisLayer
from core.networks.parts.layers import Mapping, count_parameters, size_label, working_dtype
from core.networks.parts.modules import Mapped
from core.networks.parts.progressive import ToRgb, is_needed, rgb_steps
from core.networks.parts.progressive_config import StyleGan1Config
from core.request import ModelInfo, NoiseMode
from core.synthesis.generator import State, Step, SynthesisInputs, Tap


class Block(nn.Module):
    """The layers of one resolution. Its methods are steps; states are (features of the block before, features)."""

    def __init__(self, config: StyleGan1Config, index: int) -> None:
        super().__init__()
        blocks = config.blocks
        channels, size = blocks.channels[index], blocks.size(index)
        self.config, self.index = config, index
        self.name = f"b{blocks.resolutions[index]}"
        self.level = blocks.level(index)
        self.input = FirstLayer(channels, size, config) if index == 0 else None
        self.conv0 = SynthesisLayer(blocks.channels[index - 1], channels, size, config, up=True) if index else None
        self.conv1 = SynthesisLayer(channels, channels, size, config, up=False)
        self.torgb = ToRgb(channels, blocks.image_channels) if self.level <= blocks.max_lod else None

    @property
    def layers(self) -> dict[str, Epilogue]:
        """By name, in execution order."""
        if self.input is not None:
            return {"input": self.input, "conv1": self.conv1}
        assert self.conv0 is not None  # all other blocks have it
        return {"conv0": self.conv0, "conv1": self.conv1}

    def steps(self) -> list[Step]:
        """One step a layer, without that to RGB."""
        steps, size = [], self.config.blocks.size(self.index)
        for entry, (name, layer) in enumerate(self.layers.items(), 2 * self.index):
            full_name = f"{self.name}.{name}"
            step = Step(
                full_name,
                partial(self._run, layer, full_name, entry),
                ws=(entry,) if layer.reads_w else (),
                noise=entry if self.config.use_noise else None,
                lod=partial(is_needed, self.level),
                row=entry,
                affine=layer.affine,
                tensors=(f"synthesis.{full_name}.",),
                shape=(len(layer.bias), *size),
                convolutions=layer.conv.shapes(size) if isinstance(layer, SynthesisLayer) else (),
            )
            steps.append(step)
        return steps

    def _run(self, layer: Epilogue, name: str, entry: int, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        if not is_needed(self.level, inputs.lod):
            return state
        before, x = state or (None, None)
        w = inputs.ws[:, entry]
        styles = None if layer.affine is None else inputs.styled(name, layer.affine(w))
        noise = self._noise(layer, entry, inputs)
        dtype = working_dtype(False, inputs, ())
        if isinstance(layer, FirstLayer):
            return None, tap(name, layer(w, styles, noise, dtype))
        assert isinstance(layer, SynthesisLayer)
        assert x is not None  # left by the layer before
        y = tap(name, layer(x.to(dtype), styles, noise))
        return (x if layer is self.conv0 else before), y

    def _noise(self, layer: Epilogue, index: int, inputs: SynthesisInputs) -> Tensor | None:
        gain = inputs.noise_gain(index)
        if not self.config.use_noise or inputs.noise_mode is NoiseMode.NONE or gain == 0:
            return None
        shared = 2 * self.index if self.config.shared_noise else index
        noise = inputs.noise_maps[shared] if inputs.noise_maps else layer.noise_const
        return noise if gain == 1 else noise * gain


class StyleGan1(Mapped):
    """A StyleGAN generator; a `Generator`."""

    config: StyleGan1Config

    def __init__(self, config: StyleGan1Config) -> None:
        super().__init__(config)
        self.mapping = Mapping(config.mapping)
        self.synthesis = nn.Module()
        self._blocks = tuple(Block(config, i) for i in range(len(config.blocks.channels)))
        for block in self._blocks:
            self.synthesis.add_module(block.name, block)
        self.offer(describe(config, count_parameters(self.parameters())), self._make_steps())

    def _make_steps(self) -> tuple[Step, ...]:
        rgbs = [block for block in self._blocks if block.torgb is not None]
        steps = [step for block in self._blocks for step in block.steps()]
        layers = [block.torgb for block in rgbs if block.torgb is not None]
        return (*steps, *rgb_steps(self.config.blocks, layers, [2 * block.index + 1 for block in rgbs]))

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        return tuple((int(noise.shape[0]), int(noise.shape[1])) for noise in self.stored_noise)

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        if not self.config.use_noise:
            return ()
        return tuple(layer.noise_const for block in self._blocks for layer in block.layers.values())


def describe(config: StyleGan1Config, num_parameters: int) -> ModelInfo:
    blocks = config.blocks
    height, width = blocks.picture
    names = []
    for index in range(len(blocks.channels)):
        h, w = blocks.size(index)
        names += [f"{size_label(w, h)} {layer}" for layer in ("conv0" if index else "input", "conv1")]
    return ModelInfo(
        family="StyleGAN1",
        architecture="AdaIN" if config.use_styles else "without styles",
        width=width,
        height=height,
        channels=blocks.image_channels,
        z_dim=config.mapping.z_dim,
        w_dim=config.mapping.w_dim,
        c_dim=config.mapping.c_dim,
        num_ws=config.num_ws,
        ws_names=tuple(names),
        no_z=config.mapping.no_z,
        has_noise=config.use_noise,
        noise_ws=tuple(range(config.num_ws)) if config.use_noise else (),
        max_lod=blocks.max_lod,
        lod=blocks.lod,
        num_parameters=num_parameters,
    )
