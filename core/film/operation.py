"""The pictures of a frame, made by the owner of the networks beside the live view. Torch is imported where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from core.display.frame import Frame
from core.film.frames import FrameMaker, Pictures
from core.render.operations import Bench
from core.render.tasks import Priority
from core.request import RenderRequest

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class MakeFilmPictures:
    """What a frame of a film is put together from."""

    maker: FrameMaker
    index: int
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Pictures:
        def tap(name: str, x: Tensor) -> Tensor:
            bench.progress("rendering", self.index, self.maker.film.frames, "frames")
            return x

        def render(request: RenderRequest) -> Frame:
            return bench.renderer.render(request, tap)

        return self.maker.pictures(self.index, render)
