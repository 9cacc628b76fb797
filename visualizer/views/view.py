"""What a workspace shows in the centre of the window."""

from __future__ import annotations

from typing import Protocol

from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect


class WithoutFoot:
    """A view that has nothing below the docks."""

    def foot(self, context: Context, height: float) -> float:
        return 0.0

    def draw_foot(self, context: Context, area: Rect) -> None:
        """Nothing."""


class View(Protocol):
    """Drawn between the docks. It tells the session what it wants of the next frame while it is drawn."""

    @property
    def inspects(self) -> bool:
        """Whether the picture is shown as the request's view has it: a layer, a comparison."""
        ...

    def draw_bar(self, context: Context, bar: Rect) -> None:
        """Draw tabs and tools over the view."""
        ...

    def draw(self, context: Context, area: Rect) -> None:
        """Draw the view and take its mouse input."""
        ...

    def foot(self, context: Context, height: float) -> float:
        """How much it takes of a height for what lies below the docks, over the whole width."""
        ...

    def draw_foot(self, context: Context, area: Rect) -> None: ...

    def close(self) -> None:
        """Free its textures."""
        ...
