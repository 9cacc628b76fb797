"""Small VQGANs as files hold them, and their mathematics once more: in float64, straight from the names of tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.coders import CoderConfig, Level
from core.networks.vqgan import Vqgan, VqganConfig
from core.opening.network import open_network

Tensors = dict[str, Tensor]

WIDTHS = (32, 64)  # of the levels


def small(
    *, encoder: bool = True, gumbel: bool = False, attention: bool = True, learned: bool = True, channels: int = 3,
    codes: int = 12, code_width: int = 6, z_channels: int = 4, late: bool = False, published: tuple[int, ...] = (),
    seed: int = 0,
) -> Vqgan:  # fmt: skip
    """Random weights, such that no term of a layer can hide. A code is 2 pixels wide."""
    up = tuple(Level(width, 2, attention and i == 1, learned) for i, width in enumerate(WIDTHS))
    down = tuple(Level(width, 1, attention and i == 1, learned) for i, width in enumerate(WIDTHS))
    config = VqganConfig(
        codes, code_width, code_width if gumbel else z_channels, gumbel, CoderConfig(channels, 64, up, attention, late),
        CoderConfig(channels, 32, down, attention, late) if encoder else None, published,
    )  # fmt: skip
    network = Vqgan(config)
    random = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        tensor.normal_(std=0.5 if tensor.ndim == 1 else 1.5 / tensor[0].numel() ** 0.5, generator=random)
        if "norm" in name and name.endswith("weight"):
            tensor.add_(1)
        if name.startswith("quantize.embed"):
            tensor.normal_(generator=random)
    network.requires_grad_(False)
    return network.eval()


def state_dict_of(network: Vqgan) -> Tensors:
    """As published files have it."""
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    if network.config.published:
        tensors["quantize.used"] = torch.tensor(network.config.published)
    return tensors


def written(path: Path, tensors: Tensors, **beside: Any) -> str:
    """A Lightning checkpoint."""
    torch.save({"state_dict": tensors, "epoch": 1, **beside}, path)
    return str(path)


def opened(path: Path, tensors: Tensors) -> Vqgan:
    generator = open_network(written(path, tensors)).generator
    assert isinstance(generator, Vqgan)
    return generator


# ----------------------------------------------------------------------------
# The mathematics.


class Reference:
    """Encodes and decodes with the tensors of a file."""

    def __init__(self, tensors: Tensors) -> None:
        self.t = {name: tensor.double() for name, tensor in tensors.items() if tensor.is_floating_point()}

    def conv(self, x: Tensor, name: str, **options: Any) -> Tensor:
        w = self.t[f"{name}.weight"]
        options.setdefault("padding", w.shape[2] // 2)
        return F.conv2d(x, w, self.t.get(f"{name}.bias"), **options)

    def norm(self, x: Tensor, name: str) -> Tensor:
        n, c, h, w = x.shape
        grouped = x.reshape(n, 32, -1)
        variance, mean = torch.var_mean(grouped, dim=2, correction=0, keepdim=True)
        y = ((grouped - mean) / (variance + 1e-6).sqrt()).reshape(n, c, h, w)
        return y * self.t[f"{name}.weight"][:, None, None] + self.t[f"{name}.bias"][:, None, None]

    def swished(self, x: Tensor, name: str) -> Tensor:
        y = self.norm(x, name)
        return y / (1 + torch.exp(-y))

    def block(self, x: Tensor, name: str) -> Tensor:
        y = self.conv(self.swished(x, f"{name}.norm1"), f"{name}.conv1")
        y = self.conv(self.swished(y, f"{name}.norm2"), f"{name}.conv2")
        shortcut = self.t.get(f"{name}.nin_shortcut.weight")
        if shortcut is None:
            return x + y
        return self.conv(x if shortcut.shape[1] == x.shape[1] else y, f"{name}.nin_shortcut") + y

    def attention(self, x: Tensor, name: str) -> Tensor:
        if f"{name}.q.weight" not in self.t:
            return x
        y = self.norm(x, f"{name}.norm")
        q, k, v = (self.conv(y, f"{name}.{part}").flatten(2) for part in "qkv")
        scores = torch.einsum("ncq,nck->nqk", q, k) / x.shape[1] ** 0.5
        y = torch.einsum("nqk,nck->ncq", torch.softmax(scores, dim=2), v).reshape(x.shape)
        return x + self.conv(y, f"{name}.proj_out")

    def middle(self, x: Tensor, name: str) -> Tensor:
        return self.block(self.attention(self.block(x, f"{name}.block_1"), f"{name}.attn_1"), f"{name}.block_2")

    def blocks(self, x: Tensor, name: str) -> Tensor:
        j = 0
        while f"{name}.block.{j}.conv1.weight" in self.t:
            x = self.attention(self.block(x, f"{name}.block.{j}"), f"{name}.attn.{j}")
            j += 1
        return x

    def decode(self, codes: Tensor) -> Tensor:
        """[N, h, w] -> [N, C, H, W]"""
        book = self.t.get("quantize.embedding.weight", self.t.get("quantize.embed.weight"))
        assert book is not None
        x = book[codes].permute(0, 3, 1, 2)
        x = self.conv(x, "post_quant_conv") if "post_quant_conv.weight" in self.t else x
        x = self.middle(self.conv(x, "decoder.conv_in"), "decoder.mid")
        for i in (1, 0):
            x = self.blocks(x, f"decoder.up.{i}")
            if i:
                x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
                if "decoder.up.1.upsample.conv.weight" in self.t:
                    x = self.conv(x, "decoder.up.1.upsample.conv")
        return self.conv(self.swished(x, "decoder.norm_out"), "decoder.conv_out")

    def before_codes(self, picture: Tensor) -> Tensor:
        x = self.blocks(self.conv(picture.double(), "encoder.conv_in"), "encoder.down.0")
        if "encoder.down.0.downsample.conv.weight" in self.t:
            wider = x.new_zeros(*x.shape[:2], x.shape[2] + 1, x.shape[3] + 1)
            wider[:, :, :-1, :-1] = x
            x = self.conv(wider, "encoder.down.0.downsample.conv", stride=2, padding=0)
        else:
            h, w = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
            x = torch.stack([x[:, :, a:h:2, b:w:2] for a in (0, 1) for b in (0, 1)]).mean(dim=0)
        x = self.middle(self.blocks(x, "encoder.down.1"), "encoder.mid")
        x = self.conv(self.swished(x, "encoder.norm_out"), "encoder.conv_out")
        return self.conv(x, "quant_conv") if "quant_conv.weight" in self.t else x

    def choose(self, h: Tensor, published: tuple[int, ...] = ()) -> Tensor:
        """What codes are chosen by [N, e, h, w] -> codes [N, h, w]"""
        if "quantize.proj.weight" in self.t:
            logits = self.conv(h, "quantize.proj")
            known = torch.tensor(published or range(logits.shape[1]))
            return known[logits[:, known].argmax(dim=1)]
        book = self.t["quantize.embedding.weight"]
        distances = (h.permute(0, 2, 3, 1)[..., None, :] - book).square().sum(dim=4)
        return distances.argmin(dim=3)
