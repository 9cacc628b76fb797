"""What the controls of the window act on: a layer, a source of styles, a tool that takes the mouse in the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

Part: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom in the picture, 0..1
Click: TypeAlias = Callable[[float, float], None]  # x and y in the picture, 0..1 each


class Touch(Protocol):
    """What the mouse does over the picture in a frame."""

    @property
    def hovered(self) -> bool: ...
    @property
    def active(self) -> bool: ...  # held
    @property
    def started(self) -> bool: ...  # pressed in this frame


Brush: TypeAlias = Callable[[float, float, Touch], None]  # x and y in the picture, where 0..1 is inside


class Selection:
    """One of each, shared by panels and views.

    A click is waited for until it comes or is given up. A brush and a mark belong to what is drawn: what offers them
    does so in each frame that it is drawn in, and they hold for the whole of the next frame. So the order in which
    panels and picture are drawn does not matter, and the tool of a panel that is folded away is gone.
    """

    def __init__(self) -> None:
        self.layer = 0  # the entry of ws that is being edited
        self.source = 0  # the source of styles that is being edited, and that an animation moves
        self._click: Click | None = None
        self._brush: Brush | None = None
        self._marked: Part | None = None
        self._next_brush: Brush | None = None
        self._next_marked: Part | None = None

    def begin_frame(self) -> None:
        """What was offered while the last frame was drawn holds now."""
        self._brush, self._next_brush = self._next_brush, None
        self._marked, self._next_marked = self._next_marked, None

    # -- A click into the picture ---------------------------------------------

    @property
    def waits_for_click(self) -> bool:
        return self._click is not None

    def wait_for_click(self, then: Click) -> None:
        """The next click into the picture is for `then`."""
        self._click = then

    def give_up_click(self) -> bool:
        """Returns whether one was waited for."""
        waited, self._click = self._click is not None, None
        return waited

    def click(self, x: float, y: float) -> None:
        """The click that was waited for."""
        then, self._click = self._click, None
        if then is not None:
            then(x, y)

    # -- A brush over the picture ---------------------------------------------

    @property
    def brush(self) -> Brush | None:
        """What paints in the picture in this frame."""
        return self._brush

    def offer_brush(self, brush: Brush) -> None:
        """Take the mouse over the picture in the next frame."""
        self._next_brush = brush

    # -- A mark in the picture ------------------------------------------------

    @property
    def marked(self) -> Part | None:
        """The part of the picture that something was asked about."""
        return self._marked

    def mark(self, part: Part | None) -> None:
        """Have it marked in the next frame."""
        self._next_marked = part
