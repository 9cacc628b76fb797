"""Memory of large tensors on the CPU: the native library keeps it in blocks for the next ones. Imports no torch."""

from __future__ import annotations

import os

from .state import LIBRARY, Phase

KEEP_VARIABLE = "VISUALIZER_KEEP_MEMORY"  # 1: freed memory stays for the next tensors; programs set it


def keep_blocks() -> None:
    """Let the library, which was just loaded, give large tensors their memory, if the process asks for that."""
    if os.environ.get(KEEP_VARIABLE) == "1":
        import torch

        torch.ops.stylegan_ops.keep_blocks()


def release_blocks() -> None:
    """Give the blocks that no tensor uses back to the system."""
    if LIBRARY.state.phase is Phase.READY:
        import torch

        torch.ops.stylegan_ops.release_blocks()
