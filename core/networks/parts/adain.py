"""The layers of StyleGAN: noise, bias, activation, and adaptive instance normalisation (Karras et al. 2019)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.layers import FullyConnected, Layer, empty
from core.networks.parts.progressive import ConvolutionLayer, pixel_norm
from core.networks.parts.progressive_config import StyleGan1Config
from ops.base.tensors import needs_grad
from ops.bias_act import fir_bias_act
from ops.fir import setup_filter

ONE_PASS = 64 * 64  # pixels of a channel from which on its norm and its style are applied together


class Style(FullyConnected):
    """w -> what each channel is multiplied by, then what is added to it. [N, w_dim] -> [N, 2 C]"""

    def reset(self, random: torch.Generator) -> None:
        super().reset(random)
        self.bias[: len(self.bias) // 2] += 1


class Epilogue(Layer):
    """What every layer ends with: noise, bias, activation, norms and style."""

    noise_const: Tensor

    def __init__(self, channels: int, size: tuple[int, int], config: StyleGan1Config) -> None:
        super().__init__()
        self.config = config
        self.bias = empty(channels)
        if config.use_noise:
            self.noise_strength = empty(channels)
            self.register_buffer("noise_const", torch.empty(size))
        self.affine = Style(config.mapping.w_dim, 2 * channels) if config.use_styles else None

    @property
    def reads_w(self) -> bool:
        return self.affine is not None

    def reset(self, random: torch.Generator) -> None:
        self.bias.zero_()
        if self.config.use_noise:
            self.noise_strength.zero_()
            self.noise_const.normal_(generator=random)

    def finish(self, x: Tensor, styles: Tensor | None, noise: Tensor | None, *, biased: bool = False) -> Tensor:
        """x: [N, C, h, w], which may be overwritten, styles: [N, 2 C], noise of unit strength: [h, w] or [N, 1, h, w],
        biased: it has its bias already -> [N, C, h, w]
        """
        config = self.config
        if noise is not None:
            noise, strength = noise.to(x.dtype), self.noise_strength[:, None, None].to(x.dtype)
            x = torch.addcmul(x, noise, strength) if needs_grad(x) else x.addcmul_(noise, strength)
        x = fir_bias_act(x, b=None if biased else self.bias, act=config.activation, gain=1.0, inplace=True)
        if config.use_pixel_norm:
            x = pixel_norm(x)
        scale, shift = (None, None) if styles is None else styles.chunk(2, dim=1)
        if config.use_instance_norm:
            return instance_norm(x, scale, shift, config.epsilon)
        if scale is None or shift is None:
            return x
        return torch.addcmul(shift[:, :, None, None].to(x.dtype), x, scale[:, :, None, None].to(x.dtype))


def instance_norm(x: Tensor, scale: Tensor | None, shift: Tensor | None, epsilon: float) -> Tensor:
    """Bring each channel to mean 0 and variance 1, then x scale + shift. x: [N, C, h, w], scale, shift: [N, C]"""
    n, c, h, w = x.shape
    # In a channel that hardly varies, as the first ones may, a shift would be lost in the rounding of the norm's gain.
    if h * w < ONE_PASS and scale is not None and shift is not None:
        y = instance_norm(x, None, None, epsilon)
        return torch.addcmul(shift[:, :, None, None].to(y.dtype), y, scale[:, :, None, None].to(y.dtype))
    scale, shift = (None if s is None else s.reshape(n * c) for s in (scale, shift))
    samples = x if n == 1 else x.reshape(1, n * c, h, w)  # a view of one sample would hide that it is channels_last
    y = F.batch_norm(samples, None, None, scale, shift, training=True, eps=epsilon)
    return y if n == 1 else y.reshape(n, c, h, w)


class FirstLayer(Epilogue):
    """A learned constant, or features made of w."""

    def __init__(self, channels: int, size: tuple[int, int], config: StyleGan1Config) -> None:
        super().__init__(channels, size, config)
        height, width = size
        self.const = empty(channels, *size) if config.const_input else None
        self.dense = None if config.const_input else FullyConnected(config.mapping.w_dim, channels * height * width)
        self.shape = (-1, channels, height, width)

    @property
    def reads_w(self) -> bool:
        return self.affine is not None or self.dense is not None

    def reset(self, random: torch.Generator) -> None:
        super().reset(random)
        if self.const is not None:
            self.const.fill_(1)

    def forward(self, w: Tensor, styles: Tensor | None, noise: Tensor | None, dtype: torch.dtype) -> Tensor:
        """w: [N, w_dim] -> [N, C, h, w]"""
        x = self.dense(w).reshape(self.shape) if self.dense is not None else self.const
        assert x is not None  # one of the two
        # In the order of memory in which such networks were trained: where a constant is the same at all pixels, the
        # norm amplifies the rounding of its mean, which depends on that order, until it can be seen.
        x = x.expand(len(w), -1, -1, -1).to(dtype, memory_format=torch.contiguous_format, copy=True)
        return self.finish(x, styles, noise).contiguous(memory_format=torch.channels_last)


class SynthesisLayer(Epilogue):
    """A convolution, with a blur where it doubles the resolution."""

    blur_filter: Tensor

    def __init__(
        self, in_channels: int, out_channels: int, size: tuple[int, int], config: StyleGan1Config, *, up: bool
    ) -> None:
        super().__init__(out_channels, size, config)
        self.conv = ConvolutionLayer(in_channels, out_channels, up=up)
        self.blurs = up and config.blur_taps > 0
        if self.blurs:
            self.register_buffer("blur_filter", torch.empty(config.blur_taps, config.blur_taps))

    def reset(self, random: torch.Generator) -> None:
        super().reset(random)
        if self.blurs:
            last = len(self.blur_filter) - 1
            self.blur_filter.copy_(setup_filter([math.comb(last, i) for i in range(last + 1)]))

    def forward(self, x: Tensor, styles: Tensor | None, noise: Tensor | None) -> Tensor:
        """x: [N, I, H, W] -> [N, O, h, w]"""
        biased = self.blurs and self.config.bias_before_blur
        x = self.conv.convolve(x, self.bias if biased else None)
        if self.blurs:
            x = fir_bias_act(x, self.blur_filter, padding=len(self.blur_filter) // 2)
        return self.finish(x, styles, noise, biased=biased)
