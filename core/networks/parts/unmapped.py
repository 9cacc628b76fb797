"""What generators without a mapping network share: z and the class go to the layers as they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.networks.parts.layers import empty
from core.networks.parts.modules import Unmapped


def with_class(z: Tensor, c: Tensor | None, c_dim: int) -> Tensor:
    """z: [N, z_dim], c: [N, c_dim]; None means no class, all zeros -> a single entry of ws, [N, 1, z_dim + c_dim]"""
    x = z.to(torch.float32)
    if c_dim:
        c = z.new_zeros(len(z), c_dim) if c is None else c
        x = torch.cat([x, c.to(torch.float32)], dim=1)
    return x[:, None]


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


class Passed(Unmapped):
    """A generator whose `mapping` is an `Embedding`."""

    mapping: Embedding

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        ws: Tensor = self.mapping(z, c)
        return ws
