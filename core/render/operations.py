"""Work on an open network that takes longer than a frame, as plain values. Torch is imported where they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.base.errors import Cancelled, NetworkMoved, OutOfMemory, UsageError, VisualizerError
from core.base.progress import Progress
from core.display.analysis import Pixels
from core.display.frame import Failure, Frame, Metric
from core.documents.pictures import Fit
from core.measure.sweep import Sweep
from core.render.tasks import NetworkKey, Priority
from core.request import Box, Codes, ModelInfo, RenderRequest
from core.request.placement import Move
from core.request.tables import Cell, Table

if TYPE_CHECKING:
    from torch import Tensor

    from core.measure.averaging import Average
    from core.measure.equivariance import Score
    from core.render.blend_renderer import BlendRenderer
    from core.render.renderer import Opened
    from core.synthesis.generator import Generator

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Bench(Protocol):
    """What an operation works with; it is there for the one that runs, in its owner's thread."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def generator(self) -> Generator:
        """The network, where its weights are."""
        ...

    @property
    def renderer(self) -> BlendRenderer:
        """One for this operation alone, which moves no weights."""
        ...

    @property
    def progress(self) -> Progress:
        """Called at each layer: here other work goes first, and Cancelled is raised."""
        ...

    def find(self, location: str) -> Opened | None:
        """Another open network."""
        ...

    def publish(self, live: Any) -> None:
        """Show what is there so far."""
        ...


class Operation(Protocol[R_co]):
    """A plain value that says what to do; equal ones do the same."""

    priority: ClassVar[Priority]

    def run(self, bench: Bench) -> R_co: ...


@dataclass(frozen=True)
class MakeTable:
    """All pictures of a table. Publishes each cell with its pixels, uint8 [H, W, C]."""

    table: Table
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> None:
        cells = self.table.cells
        for done, cell in enumerate(cells):
            bench.progress("rendering", done, len(cells), "pictures")

            def tap(name: str, x: Tensor, done: int = done) -> Tensor:
                bench.progress("rendering", done, len(cells), "pictures")
                return x

            frame = bench.renderer.render(cell.request, tap)
            bench.publish(TablePicture(cell, frame.pixels, frame.notes))
        bench.progress("rendering", len(cells), len(cells), "pictures")


@dataclass(frozen=True, eq=False)
class TablePicture:
    """A picture of a table."""

    cell: Cell
    pixels: Pixels
    notes: tuple[str, ...] = ()  # as those of a `Frame`


@dataclass(frozen=True)
class RenderFrames:
    """Pictures that will be played. Publishes an `Outcome` for each: of a frame, what is seen of it and its w."""

    requests: tuple[RenderRequest, ...]
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> None:
        for done, request in enumerate(self.requests):

            def tap(name: str, x: Tensor, done: int = done) -> Tensor:
                bench.progress("rendering", done, len(self.requests), "pictures")
                return x

            try:
                frame = bench.renderer.render(request, tap)
            except (Cancelled, NetworkMoved, OutOfMemory):
                raise
            except VisualizerError as error:  # the live picture will say it, too
                bench.publish(Failure(request, error))
            else:
                flat = frame.image[:, :1, :1].clone().expand_as(frame.image)  # its size without its memory
                bench.publish(replace(frame, image=flat))


@dataclass(frozen=True)
class RenderFrames:
    """Pictures that will be played. Publishes an `Outcome` for each: of a frame, what is seen of it and its w."""

    requests: tuple[RenderRequest, ...]
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> None:
        for done, request in enumerate(self.requests):

            def tap(name: str, x: Tensor, done: int = done) -> Tensor:
                bench.progress("rendering", done, len(self.requests), "pictures")
                return x

            try:
                frame = bench.renderer.render(request, tap)
            except (Cancelled, NetworkMoved, OutOfMemory):
                raise
            except VisualizerError as error:  # the live picture will say it, too
                bench.publish(Failure(request, error))
            else:
                bench.publish(replace(frame, image=frame.image[:, :0, :0].clone()))


@dataclass(frozen=True)
class MakeThumbnail:
    """The small picture of a request, uint8 [h, w, C]; None if it cannot be made."""

    request: RenderRequest
    whole: bool = False  # the picture at its own size
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Pixels | None:
        def tap(name: str, x: Tensor) -> Tensor:
            bench.progress("rendering", 0, 0)
            return x

        try:
            frame = bench.renderer.render(self.request, tap)
            made = frame.pixels if self.whole else frame.thumbnail
            return made if made.size else None  # a picture that is no number has none
        except VisualizerError:  # the picture that it is a part of fails, too, and says why
            return None


@dataclass(frozen=True)
class MakeFrame:
    """The frame of a request, as it is shown."""

    request: RenderRequest
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> Frame:
        def tap(name: str, x: Tensor) -> Tensor:
            bench.progress(name, 0, 0)
            return x

        return bench.renderer.render(self.request, tap)


@dataclass(frozen=True)
class FindLatents:
    """What the layers get of each request, float32 [num_ws, w_dim]; of a network with codes, its codes, int64 [rows,
    columns]."""

    requests: tuple[RenderRequest, ...]
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> tuple[npt.NDArray[np.float32] | npt.NDArray[np.int64], ...]:
        found = []
        for done, request in enumerate(self.requests):
            bench.progress("mapping", done, len(self.requests), "latents")
            found.append(bench.renderer.latent(request))
        bench.progress("mapping", len(self.requests), len(self.requests), "latents")
        return tuple(found)


@dataclass(frozen=True)
class SweepEquivariance:
    """The scores of one picture over a pixel and over a turn. Publishes each state between."""

    request: RenderRequest  # of the upright picture
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Sweep:
        from core.measure.sweep import sweep

        def score(move: Move, metric: Metric, tap: Callable[[str, Tensor], Tensor]) -> float:
            return bench.renderer.score(self.request, metric, tap, move)

        return sweep(score, bench.info.height, bench.progress, bench.publish)


@dataclass(frozen=True)
class MeasureEquivariance:
    """The metrics of Karras et al. 2021 over many pictures."""

    samples: int
    seed: int = 0
    batch: int = 1
    metrics: tuple[Metric, ...] = tuple(Metric)
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> dict[Metric, Score]:
        from core.measure.equivariance import equivariance

        return equivariance(
            bench.generator, self.samples, seed=self.seed, batch=self.batch, metrics=self.metrics,
            progress=bench.progress,
        )  # fmt: skip


@dataclass(frozen=True)
class AverageSpectra:
    """The average power spectrum of the pictures of seeds. Publishes `Snapshot`s while it grows."""

    images: int
    seed: int = 0
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Average:
        from core.measure.averaging import average_spectrum

        return average_spectrum(
            bench.generator, self.images, seed=self.seed, progress=bench.progress, on_snapshot=bench.publish
        )


@dataclass(frozen=True)
class FindInfluence:
    """How much each style of a layer acts on a part of the picture, [C]."""

    request: RenderRequest
    layer: str
    box: Box
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> npt.NDArray[np.float32]:
        def tap(name: str, x: Tensor) -> Tensor:
            bench.progress(name, 0, 0)
            return x

        return bench.renderer.influence(self.request, self.layer, self.box, tap)


@dataclass(frozen=True)
class FindCentres:
    """The centres of W that k-means finds; they are remembered for pictures that are truncated towards them."""

    count: int
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> None:
        from core.synthesis.clusters import centroids

        centroids(bench.generator, bench.info, self.count, bench.generator.w_avg.device, progress=bench.progress)


@dataclass(frozen=True)
class EncodePicture:
    """The codes of a picture file."""

    path: Path
    fit: Fit = Fit.AUTO
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> Codes:
        from core.synthesis.encoding import encode_file

        return encode_file(bench.generator, self.path, self.fit, progress=bench.progress)


@dataclass(frozen=True)
class CompareLayers:
    """Where the layers of another open network do not fit, by the names of steps, and why."""

    other: str  # its location
    features: bool  # whether its features are to be mixed in, not its parameters
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> dict[str, str]:
        from core.synthesis.blending import misfits
        from core.synthesis.features import feature_misfits

        other = bench.find(self.other)
        if other is None:
            raise UsageError(f"{self.other} is not open; open it first.")
        return (feature_misfits if self.features else misfits)(bench.generator, other.generator)


@dataclass(frozen=True)
class WriteBlend:
    """Write the network that a request blends to a file; its ending says how."""

    request: RenderRequest
    out: Path
    priority: ClassVar[Priority] = Priority.ASKED

    def run(self, bench: Bench) -> Path:
        from core.render.blend_renderer import write_blend

        write_blend(bench, bench.find, self.request, self.out)
        return self.out


@dataclass(frozen=True, eq=False)
class Order(Generic[R]):
    """An operation on its way: on which network, and who is told what becomes of it. The calls come from any thread."""

    operation: Operation[R]
    network: NetworkKey
    device: str  # as it was chosen; counts only before the first picture
    progress: Progress  # raises Cancelled when it is not wanted any more
    publish: Callable[[Any], None] = field(default=lambda live: None)
    done: Callable[[R], None] = field(default=lambda result: None)
    failed: Callable[[BaseException], None] = field(default=lambda error: None)
