"""What panels have in common that only show something."""

from __future__ import annotations

from visualizer.actions.context import Context


class ReadonlyPanel:
    """Nothing in it can be changed, so nothing needs a reset."""

    def changed(self, context: Context) -> bool:
        return False

    def reset(self, context: Context) -> None:
        pass
