"""VQGAN: pictures as grids of codes, and back (Esser et al. 2021, section 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from core.base.progress import Progress
from core.networks.parts.coders import CoderConfig, Conv, Decoder, Encoder, Part
from core.networks.parts.layers import count_parameters, size_label
from core.networks.parts.modules import Unmapped, same_size
from core.networks.parts.tiles import Tile, blended, cut, tiles
from core.request import CodeGrid, ModelInfo, Truncates
from core.synthesis.codes import Codebook
from core.synthesis.generator import RunStep, State, Step, SynthesisInputs, Tap

USUAL_EDGE = 256  # pixels of the pictures in training
MOST_CODES = 64  # of the usual grid along an edge
MAX_FEATURES = 1 << 28  # numbers in a layer of a picture that is made as a whole, 1 GiB
TILE_EDGE = 1024  # pixels of the tiles of a larger one

NO_ENCODER = "The file of this network has no encoder."
NO_COLOURS = "This network was trained on pictures of {}, not on photographs."


@dataclass(frozen=True)
class VqganConfig:
    """A decoder with its codebook and, if there is one, the encoder."""

    codes: int
    code_width: int  # numbers of the vector that a code stands for
    z_channels: int  # between the coders and the 1x1 convolutions at the codes
    gumbel: bool  # a code is chosen by a linear layer, not by distance
    decoder: CoderConfig
    encoder: CoderConfig | None = None
    published: tuple[int, ...] = ()  # the codes it was used with, by their numbers in files; empty: all

    @property
    def size(self) -> int:
        """Pixels of the picture that a code stands for, along each axis."""
        return 1 << (len(self.decoder.levels) - 1)

    @property
    def usual(self) -> int:
        """Codes along an edge of the usual grid."""
        return min(max(1, USUAL_EDGE // self.size), MOST_CODES)


class Quantiser(nn.Module):
    """The codebook: `embedding` by distance, or `proj` and `embed` of the Gumbel kind."""

    def __init__(self, config: VqganConfig) -> None:
        super().__init__()
        name = "embed" if config.gumbel else "embedding"
        # Not by its own start: random numbers on the meta device have torch import its compiler, which takes seconds.
        vectors = torch.empty(config.codes, config.code_width)
        self.add_module(name, nn.Embedding.from_pretrained(vectors, freeze=False))  # type: ignore[no-untyped-call]
        self.proj = Conv(config.code_width, config.codes, 1) if config.gumbel and config.encoder else None
        self._name = name
        self.published = config.published

    @property
    def codebook(self) -> Codebook:
        vectors: Tensor = self.get_parameter(f"{self._name}.weight")
        return Codebook(vectors, self.published)

    def choose(self, h: Tensor) -> Tensor:
        """[N, code_width, h, w], before quantisation -> int64 [N, h, w]"""
        if self.proj is None:
            return self.codebook.nearest(h.permute(0, 2, 3, 1))
        logits: Tensor = self.proj(h)
        if not self.published:
            return logits.argmax(dim=1)
        known = torch.tensor(self.published, device=h.device)
        return known[logits[:, known].argmax(dim=1)]


class Vqgan(Unmapped):
    """A VQGAN; a `Generator` that takes codes."""

    config: VqganConfig

    def __init__(self, config: VqganConfig) -> None:
        super().__init__(config)
        self.quantize = Quantiser(config)
        self.post_quant_conv = Conv(config.code_width, config.z_channels, 1)
        self.decoder = Decoder(config.decoder, config.z_channels)
        self.encoder = Encoder(config.encoder, config.z_channels) if config.encoder else None
        self.quant_conv = Conv(config.z_channels, config.code_width, 1) if config.encoder else None
        self.offer(describe(config, count_parameters(self.parameters())), tuple(self._make_steps()))

    # -- A Generator ----------------------------------------------------------

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        raise TypeError("a network with codes takes no z; `core.synthesis.codes` makes its ws")

    # -- Decoding -------------------------------------------------------------

    def _make_steps(self) -> Iterator[Step]:
        usual = self.config.usual
        yield self._step("post_quant", self._start, ("post_quant_conv.",), self.config.z_channels, usual, (0,))
        for part in self.decoder.parts:
            edge = usual << (len(self.config.decoder.levels) - 1 - part.level)
            names = tuple(f"decoder.{name}" for name in part.tensors)
            yield self._step(part.name, partial(self._run, part), names, part.channels, edge)

    def _step(
        self, name: str, run: RunStep, tensors: tuple[str, ...], channels: int, edge: int, ws: tuple[int, ...] = ()
    ) -> Step:
        """Its convolutions come after its up-sampling."""
        size = (edge, edge)
        layers = (self.get_submodule(place.removesuffix(".")) for place in tensors)
        convolutions = tuple(shape for layer in layers for shape in same_size(layer, size))
        return Step(name, run, ws, tensors=tensors, shape=(channels, *size), convolutions=convolutions)

    def _start(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        """-> (features,), or (nothing, picture) where that is made of tiles."""
        z = inputs.ws[:, 0].permute(0, 3, 1, 2)  # [N, code_width, h, w]
        rows, columns = z.shape[2:]
        if not fits(self.config.decoder, rows * self.config.size, columns * self.config.size):
            return None, self._in_tiles(z, inputs, tap)
        return (tap("post_quant", self._prepared(z, inputs)),)

    def _prepared(self, z: Tensor, inputs: SynthesisInputs) -> Tensor:
        """What the decoder gets, in the type that it is to compute in."""
        dtype = torch.float32 if inputs.force_fp32 else inputs.fast or torch.float32
        layout = torch.channels_last if z.device.type == "cpu" else torch.contiguous_format
        x: Tensor = self.post_quant_conv(z).to(dtype, memory_format=layout)
        return x

    def _run(self, part: Part, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        is_last = part is self.decoder.parts[-1]
        if len(state) == 2:
            image = state[1]
            assert image is not None  # left by the first step
            return (None, tap("output", image)) if is_last else state
        assert state[0] is not None  # every state has features
        x = tap(part.name, part.run(state[0]))
        return (tap("output", as_picture(x)),) if is_last else (x,)

    def _in_tiles(self, z: Tensor, inputs: SynthesisInputs, tap: Tap) -> Tensor:
        rows, columns = z.shape[2:]
        size = self.config.size

        def made() -> Iterator[tuple[Tile, Tensor]]:
            for number, (tile, x) in enumerate(cut(z, tiles(rows, columns, TILE_EDGE // size))):
                x = self._prepared(x, inputs)
                for part in self.decoder.parts:
                    x = part.run(x)
                yield tile, tap(f"tile {number}", as_picture(x))

        return blended(made(), rows, columns, size)

    # -- Codes ----------------------------------------------------------------

    @property
    def codebook(self) -> Codebook:
        return self.quantize.codebook

    def encode(self, picture: Tensor, progress: Progress) -> Tensor:
        """[1, C, H, W], -1..1 -> int64 [H // size, W // size]; of a picture too large for memory, in tiles."""
        codes: Tensor = self.quantize.choose(self.before_codes(picture, progress))[0]
        return codes

    def before_codes(self, picture: Tensor, progress: Progress) -> Tensor:
        """What the codes are chosen by. [1, C, H, W] -> [1, code_width, h, w]"""
        encoder, quant_conv, config, size = self.encoder, self.quant_conv, self.config.encoder, self.config.size
        assert encoder is not None  # or `info.codes` says that there is none
        assert quant_conv is not None
        assert config is not None
        height, width = picture.shape[2:]
        rows, columns = height // size, width // size
        whole = fits(config, height, width)
        parts = (Tile(0, 0, rows, columns),) if whole else tiles(rows, columns, TILE_EDGE // size)
        total = len(parts) * len(encoder.parts)

        def made() -> Iterator[tuple[Tile, Tensor]]:
            for number, (tile, x) in enumerate(cut(picture, parts, size)):
                x = picture if whole else x  # with the pixels that are too few for a code
                for done, part in enumerate(encoder.parts, number * len(encoder.parts)):
                    progress("encoding", done, total, "layers")
                    x = part.run(x)
                yield tile, quant_conv(x)

        found = [h for _, h in made()] if whole else [blended(made(), rows, columns)]
        progress("encoding", total, total, "layers")
        return found[0]


def as_picture(x: Tensor) -> Tensor:
    return x.to(torch.float32, memory_format=torch.contiguous_format)


def fits(config: CoderConfig, height: int, width: int) -> bool:
    """Whether a picture of this size is made, or read, as a whole."""
    widest = max(config.levels[0].width, config.width if len(config.levels) == 1 else config.levels[1].width)
    return widest * height * width <= MAX_FEATURES


def describe(config: VqganConfig, num_parameters: int) -> ModelInfo:
    usual, channels = config.usual, config.decoder.channels
    no_encoder = "" if config.encoder else NO_ENCODER
    if channels != 3:
        no_encoder = NO_COLOURS.format("one channel, such as depth" if channels == 1 else f"{channels} channels")
    return ModelInfo(
        family="VQGAN",
        architecture=f"{'Gumbel' if config.gumbel else 'VQ'} f{config.size}",
        width=usual * config.size,
        height=usual * config.size,
        channels=channels,
        z_dim=0,
        w_dim=config.code_width,
        c_dim=0,
        num_ws=1,
        ws_names=(f"{size_label(usual, usual)} codes",),
        truncates=Truncates.NONE,
        num_parameters=num_parameters,
        codes=CodeGrid(usual, usual, config.codes, config.size, no_encoder, config.published),
    )
