"""What the docks ask of a panel."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from visualizer.actions.context import Context


class Panel(Protocol):
    """A section of the dock. `title` is also its name in settings and the scope of its items."""

    title: str
    icon: str

    def summary(self, context: Context) -> str:
        """What a folded panel shows at its right."""
        ...

    def changed(self, context: Context) -> bool:
        """Whether anything in it differs from the defaults."""
        ...

    def reset(self, context: Context) -> None:
        """Back to the defaults."""
        ...

    def draw(self, context: Context) -> None:
        """Draw the rows below the header, from context.ui's cursor down."""
        ...


@runtime_checkable
class HasParameters(Protocol):
    """A panel with controls of parameters: their paths, or how these begin. Of several, the longest counts."""

    parameters: tuple[str, ...]


@runtime_checkable
class HasMenu(Protocol):
    """A panel with lines of its own in the menu of its header."""

    def menu(self, context: Context) -> None: ...


@runtime_checkable
class HasUse(Protocol):
    """A panel that is folded, until the user opens it, where it is of no use."""

    def useful(self, context: Context) -> bool: ...


@runtime_checkable
class HasTextures(Protocol):
    """A panel that owns textures."""

    def close(self) -> None: ...
