"""The alias-free generator, configurations T and R (Karras et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from core.networks.parts.config import LOOKED_UP, FilterDesign, LayerConfig, StyleGan3Config
from core.networks.parts.layers import (
    HALF_DEVICES,
    FullyConnected,
    Layer,
    Mapping,
    StyledLayer,
    count_parameters,
    empty,
    size_label,
    working_dtype,
)
from core.networks.parts.modules import Mapped
from core.request import Matrix, ModelInfo
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.filtered_lrelu import filtered_lrelu
from ops.fir import design_lowpass
from ops.styled_conv import styled_conv2d


class SynthesisInput(Layer):
    """Fourier features on a plane that w, and the user, move and turn (section 3.2)."""

    transform: Tensor
    freqs: Tensor
    phases: Tensor

    def __init__(self, config: StyleGan3Config) -> None:
        super().__init__()
        channels = config.input_channels
        self.size, self.rate, self.bandwidth = config.input_size, config.input_rate, config.bandwidth
        self.affine = FullyConnected(config.mapping.w_dim, 4)
        self.weight = empty(channels, channels)
        self.register_buffer("transform", torch.empty(3, 3))
        self.register_buffer("freqs", torch.empty(channels, 2))
        self.register_buffer("phases", torch.empty(channels))

    def reset(self, random: torch.Generator) -> None:
        """Frequencies are drawn uniformly from a disc of the bandwidth's radius."""
        self.weight.normal_(generator=random)
        self.transform.copy_(torch.eye(3))
        radius, angle = torch.rand(2, len(self.freqs), generator=random)
        radius, angle = self.bandwidth * radius.sqrt(), 2 * math.pi * angle
        self.freqs.copy_(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1))
        self.phases.uniform_(-0.5, 0.5, generator=random)

    def forward(self, w: Tensor, transform: Matrix) -> Tensor:
        """w: [N, w_dim], transform: top two rows of the matrix that places the plane -> [N, C, H, W], channels_last"""
        freqs, phases, amplitudes = self.waves(w, transform)
        columns, rows = (self._pixel_centres(n, w) for n in self.size)
        angles = rows[:, None, None] * freqs[:, None, None, :, 1] + columns[:, None] * freqs[:, None, None, :, 0]
        angles = angles + phases[:, None, None, :]  # [N, H, W, C]
        features = (angles * (2 * math.pi)).sin() * amplitudes[:, None, None, :]
        mixed: Tensor = features @ (self.weight / math.sqrt(self.weight.shape[1])).t()
        return mixed.permute(0, 3, 1, 2)

    def waves(self, w: Tensor, transform: Matrix) -> tuple[Tensor, Tensor, Tensor]:
        """The placed plane waves: frequencies [N, C, 2] in cycles per picture, phases and amplitudes [N, C]."""
        t = self.affine(w)
        c, s, x, y = (t / t[:, :2].norm(dim=1, keepdim=True)).unbind(dim=1)
        turn = torch.stack([c, -s, s, c], dim=1).reshape(-1, 2, 2)  # [N, 2, 2]
        move = torch.stack([s * y - c * x, -s * x - c * y], dim=1)  # [N, 2], the turned -(x, y)
        user = w.new_tensor(transform).reshape(2, 3)
        move = turn @ user[:, 2] + move
        turn = turn @ user[:, :2]

        freqs = self.freqs @ turn  # [N, C, 2]
        phases = self.phases + move @ self.freqs.t()  # [N, C]
        # What lies beyond the band limit fades out before it would alias.
        excess = (freqs.norm(dim=2) - self.bandwidth) / (self.rate / 2 - self.bandwidth)
        return freqs, phases, (1 - excess).clamp(0, 1)

    def _pixel_centres(self, count: int, like: Tensor) -> Tensor:
        return (torch.arange(count, device=like.device, dtype=like.dtype) + (0.5 - count / 2)) / self.rate


class SynthesisLayer(StyledLayer):
    """A modulated convolution and a filtered leaky ReLU, which may change the sampling rate (section 3.1)."""

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(self, config: LayerConfig, w_dim: int) -> None:
        super().__init__()
        self.config = config
        self.affine = FullyConnected(w_dim, config.in_channels, bias_init=1)
        self.weight = empty(config.out_channels, config.in_channels, config.kernel, config.kernel)
        self.bias = empty(config.out_channels)
        self.register_buffer("magnitude_ema", torch.empty([]))
        self.register_buffer("up_filter", torch.empty(config.up_shape) if config.up_shape else None)
        self.register_buffer("down_filter", torch.empty(config.down_shape) if config.down_shape else None)

    def reset(self, random: torch.Generator) -> None:
        config = self.config
        inner_rate = config.in_rate * config.up
        self.weight.normal_(generator=random)
        self.bias.zero_()
        self.magnitude_ema.fill_(1)
        if self.up_filter is not None:
            self.up_filter.copy_(design(config.up_shape, config.up_design, inner_rate))
        if self.down_filter is not None:
            self.down_filter.copy_(design(config.down_shape, config.down_design, inner_rate))

    def convolved(self, x: Tensor, styles: Tensor) -> Tensor:
        """x: [N, I, H, W], styles: [N, I] -> [N, O, H + k - 1, W + k - 1]"""
        config = self.config
        if config.is_torgb:
            styles = styles / math.sqrt(self.weight[0].numel())
        else:
            styles = styles * styles.square().mean().rsqrt()
        return styled_conv2d(
            x,
            self.styled_weights(normalize=not config.is_torgb),
            styles,
            padding=config.kernel - 1,
            demodulate=not config.is_torgb,
            input_gain=self.magnitude_ema.rsqrt(),
        )

    def filtered(self, x: Tensor) -> Tensor:
        """The nonlinearity. x: what `convolved` gave -> [N, O, H', W']"""
        config = self.config
        return filtered_lrelu(
            x,
            fu=self.up_filter,
            fd=self.down_filter,
            b=self.bias,
            up=config.up,
            down=config.down,
            padding=config.padding,
            gain=1.0 if config.is_torgb else math.sqrt(2),
            slope=1.0 if config.is_torgb else 0.2,
            clamp=config.clamp,
        )

    def convolutions(self) -> tuple[ConvolutionShape, ...]:
        """With learned weights, and with the filter if it is radial."""
        config = self.config
        k, o = config.kernel, config.out_channels
        found = [ConvolutionShape(config.in_channels, o, (config.in_size[1], config.in_size[0]), k, padding=k - 1)]
        if len(config.down_shape) == 2:
            taps = config.down_shape[0]
            width, height = ((n - 1) * config.down + taps for n in config.out_size)
            found.append(ConvolutionShape(o, o, (height, width), taps, stride=config.down, groups=o))
        return tuple(found)


def design(shape: tuple[int, ...], band: FilterDesign, rate: float) -> Tensor:
    taps = design_lowpass(shape[0], band.cutoff, 2 * band.half_width, rate, radial=len(shape) == 2)
    return torch.ones(shape) if taps is None else taps


class StyleGan3(Mapped):
    """A StyleGAN3 generator; a `Generator`. Its states are (features,)."""

    config: StyleGan3Config

    def __init__(self, config: StyleGan3Config) -> None:
        super().__init__(config)
        self.mapping = Mapping(config.mapping)
        self.synthesis = nn.Module()
        self._layers = tuple(SynthesisLayer(layer, config.mapping.w_dim) for layer in config.layers)
        self.synthesis.add_module("input", SynthesisInput(config))
        for layer in self._layers:
            self.synthesis.add_module(layer.config.name, layer)
        self.offer(describe(config, count_parameters(self.parameters())), self.make_steps())

    def make_steps(self, half_devices: Sequence[str] = HALF_DEVICES) -> tuple[Step, ...]:
        """The synthesis in execution order. `half_devices`: where the layers trained in float16 run in it."""
        source = self.synthesis.get_submodule("input")
        run_input = partial(self._run_input, source)
        shape = (self.config.input_channels, *self.config.input_size[::-1])
        steps = [Step("input", run_input, ws=(0,), transform=True, tensors=("synthesis.input.",), shape=shape)]
        for i, layer in enumerate(self._layers):
            run = partial(self._run_layer, layer, i + 1, half_devices)
            name = layer.config.name
            tensors = (f"synthesis.{name}.",)
            shape = (layer.config.out_channels, *layer.config.out_size[::-1])
            step = Step(
                name, run, ws=(i + 1,), row=i + 1, affine=layer.affine, tensors=tensors, shape=shape,
                convolutions=layer.convolutions(),
            )  # fmt: skip
            steps.append(step)
        return tuple(steps)

    def _run_input(self, source: nn.Module, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        return (tap("input", source(inputs.ws[:, 0], inputs.transform)),)

    def _run_layer(
        self,
        layer: SynthesisLayer,
        entry: int,
        half_devices: Sequence[str],
        state: list[Tensor | None],
        inputs: SynthesisInputs,
        tap: Tap,
    ) -> State:
        x = state.pop()
        assert x is not None  # every state has features
        dtype = working_dtype(layer.config.half, inputs, half_devices)
        name = layer.config.name
        styles = inputs.styled(name, layer.affine(inputs.ws[:, entry]))
        x = layer.convolved(x.to(dtype), styles)
        x = tap(name, layer.filtered(x))
        if layer is self._layers[-1]:
            x = tap("output", x.to(torch.float32) * self.config.output_scale)
        return (x,)

    def span(self, layer: str) -> float:
        if layer == "input":
            return self.config.input_size[1] / self.config.input_rate
        found = next((known for known in self.config.layers if known.name == layer), None)
        return found.out_size[1] / found.out_rate if found else 1.0


def describe(config: StyleGan3Config, num_parameters: int) -> ModelInfo:
    inner, last = config.layers[:-1], config.layers[-1]
    width, height = last.out_size
    kernel = config.layers[0].kernel
    return ModelInfo(
        family="StyleGAN-XL" if config.mapping.label == LOOKED_UP else "StyleGAN3",
        architecture={3: "config T", 1: "config R"}.get(kernel, f"kernel {kernel}"),
        width=width,
        height=height,
        channels=last.out_channels,
        z_dim=config.mapping.z_dim,
        w_dim=config.mapping.w_dim,
        c_dim=config.mapping.c_dim,
        num_ws=config.num_ws,
        ws_names=("input", *(f"{layer.name.split('_')[0]} {size_label(*layer.out_size)}" for layer in inner), "rgb"),
        has_transform=True,
        fp16_layers=tuple(layer.name for layer in config.layers if layer.half),
        no_z=config.mapping.no_z,
        class_centres=config.mapping.class_centres,
        num_parameters=num_parameters,
    )
