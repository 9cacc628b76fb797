"""What StyleGAN2 and StyleGAN3 share: fully connected layers and the mapping network (Karras et al. 2019)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from core.networks.parts.config import CONCATENATED, LOOKED_UP, MISSING, MappingConfig
from core.synthesis.generator import SynthesisInputs
from ops.base.styled_weights import StyledWeights
from ops.bias_act import bias_act

W_AVG_SAMPLES = 10_000
HALF_DEVICES = ("cuda",)  # where layers that were trained in float16 run in it


def normalize_2nd_moment(x: Tensor) -> Tensor:
    """Scale each row to a mean square of 1."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


def empty(*shape: int) -> nn.Parameter:
    """A weight whose values come later, from a file or from `random_weights`."""
    return nn.Parameter(torch.empty(shape), requires_grad=False)


class Layer(nn.Module, ABC):
    """A module that can give its own parameters and buffers their values before training."""

    @abstractmethod
    def reset(self, random: torch.Generator) -> None: ...


class FullyConnected(Layer):
    """y = act(x W^T + b) with the learning-rate factor of equalised learning rates. [N, I] -> [N, O]"""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        activation: str = "linear",
        lr: float = 1.0,
        bias_init: float = 0.0,
    ) -> None:
        super().__init__()
        self.weight = empty(out_features, in_features)
        self.bias = empty(out_features)
        self.activation = activation
        self.lr = lr
        self.bias_init = bias_init

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random).div_(self.lr)
        self.bias.fill_(self.bias_init / self.lr)

    def forward(self, x: Tensor) -> Tensor:
        w = self.weight * (self.lr / math.sqrt(self.weight.shape[1]))
        b = self.bias if self.lr == 1 else self.bias * self.lr
        if self.activation == "linear":
            return torch.addmm(b, x, w.t())
        return bias_act(x @ w.t(), b, act=self.activation, inplace=True)


class LabelMatrix(Layer):
    """y = c W^T, without a factor or a bias. [N, I] -> [N, O]"""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = empty(out_features, in_features)

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)

    def forward(self, c: Tensor) -> Tensor:
        return c @ self.weight.t()


class LabelTable(Layer):
    """The row of a class; of a soft label, the weighted mean of rows. [N, I] -> [N, O]"""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.weight = empty(rows, columns)

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)

    def forward(self, c: Tensor) -> Tensor:
        return shares(c) @ self.weight[: c.shape[1]]


def shares(c: Tensor) -> Tensor:
    """The parts of the classes in labels, which add up to 1; of a label without classes, equal ones. [N, I] -> same"""
    total = c.sum(dim=1, keepdim=True)
    return torch.where(total == 0, 1 / c.shape[1], c / total)


class Mapping(Layer):
    """z, c -> w. Children `embed`, `embed_proj`, `fc0`, `fc1`, ... and the buffer `w_avg`, the centre of truncation."""

    w_avg: Tensor

    def __init__(self, config: MappingConfig) -> None:
        super().__init__()
        self.config = config
        self.embed: Layer | None = None
        self.embed_proj: FullyConnected | None = None
        if config.c_dim and config.label == LOOKED_UP:
            rows, columns = config.table
            self.embed = LabelTable(rows, columns)
            self.embed_proj = FullyConnected(columns, config.embed_width, activation=config.activation)
        elif config.c_dim and config.label == CONCATENATED:
            self.embed = LabelMatrix(config.c_dim, config.embed_width)
        elif config.c_dim:
            self.embed = FullyConnected(config.c_dim, config.embed_width)
        width = config.z_dim + config.embed_width
        for i, out in enumerate(config.widths):
            self.add_module(f"fc{i}", FullyConnected(width, out, activation=config.activation, lr=config.lr))
            width = out
        centres = (config.c_dim, config.w_dim) if config.class_centres else (config.w_dim,)
        self.register_buffer("w_avg", torch.empty(centres))

    def reset(self, random: torch.Generator) -> None:
        self.w_avg.zero_()

    def forward(self, z: Tensor, c: Tensor | None) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim]; None means no class, all zeros -> w: [N, w_dim]

        Of a network that lacks how it embeds its classes: the average w.
        """
        if self.config.label == MISSING:
            return self.w_avg.expand(len(z), -1)
        x = z.to(torch.float32) if self.config.z_dim else z.new_zeros(z.shape[0], 0)
        if self.embed is None:
            x = self._normalized(x)
        else:
            y = self.embed(x.new_zeros(len(x), self.config.c_dim) if c is None else c.to(torch.float32))
            y = y if self.embed_proj is None else self.embed_proj(y)
            if self.config.label == CONCATENATED:
                x = self._normalized(torch.cat([x, y], dim=1))
            else:
                x = torch.cat([self._normalized(x), normalize_2nd_moment(y)], dim=1)
        return self._through_layers(x)

    def _through_layers(self, x: Tensor) -> Tensor:
        for i in range(len(self.config.widths)):
            x = self.get_submodule(f"fc{i}")(x)
        return x

    def _normalized(self, x: Tensor) -> Tensor:
        return normalize_2nd_moment(x) if self.config.normalize else x

    def centre(self, c: Tensor | None) -> Tensor:
        """Where truncation leads. c: [N, c_dim] or None -> [N, w_dim], or [1, w_dim] if it is the same for all"""
        if c is None or not self.config.class_centres:
            return self.mean_w[None]
        return shares(c) @ self.w_avg

    @property
    def mean_w(self) -> Tensor:
        """The average w of all classes, [w_dim]."""
        return self.w_avg.mean(dim=0) if self.config.class_centres else self.w_avg

    @torch.no_grad()
    def estimate_w_avg(self, samples: int = W_AVG_SAMPLES, batch: int = 1000) -> None:
        """Set w_avg to the mean w of random z and, of a conditional network, of random classes.

        Where how it embeds them is missing, of embeddings in random directions.
        """
        random = torch.Generator().manual_seed(0)
        total = torch.zeros(self.config.w_dim)
        for start in range(0, samples, batch):
            n = min(batch, samples - start)
            z = torch.randn(n, self.config.z_dim, generator=random)
            c = None
            if self.config.c_dim:
                c = torch.eye(self.config.c_dim)[torch.randint(self.config.c_dim, (n,), generator=random)]
            if self.config.label == MISSING:
                y = torch.randn(n, self.config.embed_width, generator=random)
                x = torch.cat([self._normalized(z), normalize_2nd_moment(y)], dim=1)
                total += self._through_layers(x).sum(dim=0)
            else:
                total += self(z, c).sum(dim=0)
        self.w_avg.copy_(total / samples)


def random_weights(network: nn.Module, seed: int) -> None:
    """Give a network on the CPU the values it has before training; equal seeds give equal networks."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, Layer):
                module.reset(random)


def count_parameters(parameters: Iterable[Tensor]) -> int:
    return sum(p.numel() for p in parameters)


def size_label(width: int, height: int) -> str:
    """A picture size as users read it: 8² or 4×8."""
    return f"{width}²" if width == height else f"{width}×{height}"


class StyledLayer(Layer):
    """A layer with a modulated convolution, whose weights are prepared once for all styles."""

    weight: nn.Parameter
    _prepared: tuple[object, StyledWeights] | None = None

    def styled_weights(self, *, normalize: bool = False) -> StyledWeights:
        """Prepared anew when the weights have been changed or moved."""
        key = (self.weight.data_ptr(), self.weight._version)
        if self._prepared is None or self._prepared[0] != key:
            self._prepared = (key, StyledWeights(self.weight, normalize=normalize))
        return self._prepared[1]


def working_dtype(half: bool, inputs: SynthesisInputs, half_devices: Sequence[str]) -> torch.dtype:
    """In what a layer runs. half: whether it was trained in float16."""
    if inputs.force_fp32:
        return torch.float32
    if half and inputs.ws.device.type in half_devices:
        return torch.float16
    return inputs.fast or torch.float32
