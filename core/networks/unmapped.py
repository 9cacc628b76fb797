"""What generators without a mapping network share: z and the class go to the layers as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.generator import Step
from core.request import ModelInfo

from .layers import empty


class Embedding(nn.Module):
    """From z and the class to the entries of ws: z or a part of it, then the numbers of the class."""

    def __init__(self, c_dim: int, width: int, *, entries: int = 1, parts: bool = False) -> None:
        super().__init__()
        self.embed = empty(c_dim, width) if c_dim else None
        self.entries, self.parts = entries, parts

    def forward(self, z: Tensor, c: Tensor | None) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim]; None means no class, all zeros -> [N, entries, numbers of an entry]"""
        ws = z.view(len(z), self.entries, -1) if self.parts else z[:, None].expand(-1, self.entries, -1)
        if self.embed is None:
            return ws
        y = z.new_zeros(len(z), self.embed.shape[1]) if c is None else c @ self.embed
        return torch.cat([ws, y[:, None].expand(-1, self.entries, -1)], dim=2)


class Unmapped(nn.Module):
    """A `core.generator.Generator` without noise. A subclass makes its layers, then calls `offer`."""

    mapping: Embedding
    info: ModelInfo
    steps: Sequence[Step]
    noise_shapes: tuple[tuple[int, int], ...] = ()
    stored_noise: tuple[Tensor, ...] = ()

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config

    def offer(self, info: ModelInfo, steps: Sequence[Step]) -> None:
        """What others see of the network."""
        self.info, self.steps = info, tuple(steps)

    @property
    def w_avg(self) -> Tensor:
        """There is no average of z but 0."""
        return next(self.parameters()).new_zeros(self.info.w_dim)

    def centre(self, c: Tensor | None) -> Tensor:
        return self.w_avg[None]

    def tensors(self) -> dict[str, Tensor]:
        return self.state_dict()

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        ws: Tensor = self.mapping(z, c)
        return ws

    def span(self, layer: str) -> float:
        return 1.0
