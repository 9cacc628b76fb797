"""What panels have in common whose controls are those of parameters."""

from __future__ import annotations

from core.parameters import changed, reset
from visualizer.actions.context import Context


class ParameterPanel:
    """Changed where one of its parameters is, and reset with them."""

    parameters: tuple[str, ...] = ()  # paths, or how these begin

    def changed(self, context: Context) -> bool:
        return changed(context.session.request, self.parameters)

    def reset(self, context: Context) -> None:
        context.session.edit(reset(context.session.request, self.parameters))
