"""The DCGAN generator (Radford et al. 2016): transposed convolutions from z to a picture, their norms folded in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from core.base.text import plural
from core.networks.parts.layers import count_parameters, empty, size_label, working_dtype
from core.networks.parts.modules import Unmapped
from core.networks.parts.unmapped import with_class
from core.request import ModelInfo, Truncates
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap

KERNEL = 4  # of all layers but the first, which have stride 2 and padding 1


@dataclass(frozen=True)
class DcGanConfig:
    """A DCGAN generator."""

    size: int  # edge of what the first layer makes, which is its kernel
    channels: tuple[int, ...]  # of z and the class, after each layer, of the picture
    tanh: bool = True  # whether the picture is the tanh of what the last layer gives
    c_dim: int = 0  # how many of the first channels are a class

    @property
    def z_dim(self) -> int:
        return self.channels[0] - self.c_dim

    def layer_size(self, layer: int) -> int:
        return self.size << layer


class DcGan(Unmapped):
    """A DCGAN generator; a `Generator`. Its only entry of ws is z, then the class; a state is the features alone."""

    config: DcGanConfig

    def __init__(self, config: DcGanConfig) -> None:
        super().__init__(config)
        pairs = list(pairwise(config.channels))
        kernels = (config.size, *(KERNEL,) * (len(pairs) - 1))
        self.weights = nn.ParameterList(empty(i, o, k, k) for (i, o), k in zip(pairs, kernels, strict=True))
        self.biases = nn.ParameterList(empty(o) for _, o in pairs)
        self.offer(describe(config, count_parameters(self.parameters())), tuple(self._make_steps()))

    def _make_steps(self) -> Iterator[Step]:
        for i, shape in enumerate(self._convolutions()):
            size, tensors = self.config.layer_size(i), (f"weights.{i}", f"biases.{i}")
            yield Step(
                f"b{size}", partial(self._run_layer, i, shape), (0,) if i == 0 else (), tensors=tensors,
                shape=(shape.out_channels, size, size), convolutions=(shape,),
            )  # fmt: skip

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return with_class(z, c, self.config.c_dim)

    def _convolutions(self) -> Iterator[ConvolutionShape]:
        edge, stride, padding = 1, 1, 0
        for i, weight in enumerate(self.weights):
            inputs, outputs, kernel, _ = weight.shape
            yield ConvolutionShape(inputs, outputs, (edge, edge), kernel, stride, padding, transposed=True)
            edge, stride, padding = self.config.layer_size(i), 2, 1

    def _run_layer(self, index: int, shape: ConvolutionShape, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        dtype = working_dtype(False, inputs, ())
        x = inputs.ws[:, 0, :, None, None] if index == 0 else state[0]
        assert x is not None  # every state has features
        weight, bias = self.weights[index].to(dtype), self.biases[index].to(dtype)
        y = F.conv_transpose2d(x.to(dtype), weight, bias, shape.stride, shape.padding)
        last = index == len(self.weights) - 1
        y = tap(f"b{self.config.layer_size(index)}", y if last else y.relu_())
        if not last:
            return (y,)
        y = y.float().contiguous()
        return (tap("output", y.tanh() if self.config.tanh else y),)


def describe(config: DcGanConfig, num_parameters: int) -> ModelInfo:
    edge = config.layer_size(len(config.channels) - 2)
    return ModelInfo(
        family="DCGAN",
        architecture=plural(len(config.channels) - 1, "layer"),
        width=edge,
        height=edge,
        channels=config.channels[-1],
        z_dim=config.z_dim,
        w_dim=config.channels[0],
        c_dim=config.c_dim,
        num_ws=1,
        ws_names=(f"{size_label(config.size, config.size)} input",),
        has_w=False,
        truncates=Truncates.Z,
        z_width=config.z_dim,
        num_parameters=num_parameters,
    )
