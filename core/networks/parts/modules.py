"""What the modules that are a `Generator` share: what others see of them, with a mapping or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from core.networks.parts.layers import Mapping
from core.request import ModelInfo
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import Step


def same_size(module: nn.Module, size: tuple[int, int]) -> tuple[ConvolutionShape, ...]:
    """The convolutions of a layer that all keep one size, in the order of its weights. size: height, width"""
    return tuple(ConvolutionShape.same(p.shape, size) for p in module.parameters() if p.ndim == 4)


class GeneratorModule(nn.Module):
    """A generator without noise inputs. A subclass makes its layers, then calls `offer`."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config

    def offer(self, info: ModelInfo, steps: Sequence[Step]) -> None:
        """Sets what others see of the network."""
        self._info, self._steps = info, tuple(steps)

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def steps(self) -> Sequence[Step]:
        return self._steps

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        return ()

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        return ()

    def tensors(self) -> dict[str, Tensor]:
        return self.state_dict()

    def span(self, layer: str) -> float:
        return 1.0


class Mapped(GeneratorModule):
    """With a mapping network, whose w goes to each of `config.num_ws` entries."""

    mapping: Mapping

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.mean_w

    def centre(self, c: Tensor | None) -> Tensor:
        return self.mapping.centre(c)

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        w: Tensor = self.mapping(z, c)
        return w[:, None].expand(-1, self.config.num_ws, -1)


class Unmapped(GeneratorModule):
    """Without a W: the average of z is 0."""

    @property
    def w_avg(self) -> Tensor:
        return next(self.parameters()).new_zeros(self.info.w_dim)

    def centre(self, c: Tensor | None) -> Tensor:
        return self.w_avg[None]
