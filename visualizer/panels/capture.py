"""Capture: where pictures and videos go, saving and recording."""

from __future__ import annotations

from core.base.control import Choice, Control, Kind
from core.base.paths import path_of, unquoted
from resources import icons
from visualizer.actions.context import Context
from visualizer.settings import FRAME_RATE, Settings
from visualizer.toolkit.paint import Rect

RECORDED = Control(label="Source", default=False, kind=Kind.FLAG, choices=(
    Choice("false", "Picture", "The picture at its own size"), Choice("true", "Window", "The whole window"),
))  # fmt: skip


class CapturePanel:
    title = "Capture"
    icon = icons.CAMERA

    def __init__(self) -> None:
        self._typed: str | None = None

    def summary(self, context: Context) -> str:
        return f"PNG · {context.settings.video_fps} fps"

    def changed(self, context: Context) -> bool:
        return bool(context.settings.capture_folder) or context.settings.video_fps != Settings().video_fps

    def reset(self, context: Context) -> None:
        self._typed = None
        context.prefer(capture_folder="", video_fps=Settings().video_fps)

    def draw(self, context: Context) -> None:
        ui, px, actions, recording = context.ui, context.ui.px, context.actions, context.actions.recording
        ui.gap(10)
        row = ui.row("Folder", changed=bool(context.settings.capture_folder))
        if row.reset:
            context.prefer(capture_folder="")
        shown = str(actions.capture_folder)
        committed = ui.text_field("Folder", shown, at=row.area, tip=f"Pictures and videos go to {shown}")
        if committed and committed.strip():
            with context.session.attempt("Cannot use this folder", file=committed):
                context.prefer(capture_folder=str(path_of(unquoted(committed))))

        area = ui.take(28)
        half = round((area.w - px(6)) / 2)
        no_picture = "" if context.session.frame else "There is no picture yet."
        left, right = Rect(area.x, area.y, half, area.h), Rect(area.right - half, area.y, half, area.h)
        tip = "The picture at its own size as PNG, with all settings inside (Ctrl+P)"
        if ui.button("Save picture", at=left, icon=icons.IMAGE_DOWN, tip=tip, off=no_picture):
            actions.saving.picture()
        if ui.button("Save window", at=right, icon=icons.MONITOR, tip="The whole window as PNG"):
            actions.saving.window()
        ui.separator()

        row = ui.row("Frame rate", changed=str(context.settings.video_fps) != FRAME_RATE.default)
        off = "Stop recording to change it." if recording.recorder else ""
        context.prefer(video_fps=int(str(ui.segments(FRAME_RATE, str(context.settings.video_fps), row=row, off=off))))
        row = ui.row("Record")
        recording.of_window = bool(ui.segments(RECORDED, recording.of_window, row=row, off=off))

        area = ui.take(28)
        recorder = recording.recorder
        label, icon = ("Stop recording", icons.SQUARE) if recorder else ("Start recording", icons.CIRCLE)
        if ui.button(label, at=area, icon=icon, icon_colour="error", tip="H.264 in MP4 (Ctrl+R)", off=no_picture):
            recording.toggle()
        if recorder is not None:
            ui.gap(2)
            status = recording.status
            ui.paint.text(ui.take(20), status, "warning" if recorder.dropped else "text_dim", size=14)
        ui.gap(8)
