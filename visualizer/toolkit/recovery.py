"""What ImGui needs when drawing is cut short by something that is raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imgui_bundle import imgui

from visualizer.toolkit.paint import Paint


@contextmanager
def recovering(paint: Paint) -> Iterator[None]:
    """When something is raised meanwhile, what it has left open is closed: ImGui would end the program for it."""
    state = imgui.internal.ErrorRecoveryState()
    imgui.internal.error_recovery_store_state(state)
    clips, drawn_on = len(_list()._clip_rect_stack), paint.drawn_on
    try:
        yield
    except Exception:
        with _quiet_recovery():
            imgui.internal.error_recovery_try_to_recover_state(state)
        paint.use(drawn_on)
        while len(_list()._clip_rect_stack) > clips:
            _list().pop_clip_rect()
        raise


@contextmanager
def _quiet_recovery() -> Iterator[None]:
    """ImGui repairs what was left open without complaining of it."""
    io = imgui.get_io()
    names = [f"config_error_recovery_enable_{answer}" for answer in ("assert", "tooltip", "debug_log")]
    before = [getattr(io, name) for name in names]
    for name in names:
        setattr(io, name, False)
    yield
    for name, value in zip(names, before, strict=True):
        setattr(io, name, value)


def _list() -> imgui.ImDrawList:
    """That of the current window, which does not come to be shown for it."""
    return imgui.internal.get_current_window_read().draw_list
