"""Pictures as OpenGL textures. Every texture has an owner that closes it while the GL context lives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui
from OpenGL import GL as gl  # noqa: N811

# Channels -> (upload format, internal format, swizzle): gray shows as gray, gray + alpha as gray with alpha.
FORMATS = {
    1: (gl.GL_RED, gl.GL_R8, (gl.GL_RED, gl.GL_RED, gl.GL_RED, gl.GL_ONE)),
    2: (gl.GL_RG, gl.GL_RG8, (gl.GL_RED, gl.GL_RED, gl.GL_RED, gl.GL_GREEN)),
    3: (gl.GL_RGB, gl.GL_RGBA8, (gl.GL_RED, gl.GL_GREEN, gl.GL_BLUE, gl.GL_ONE)),
    4: (gl.GL_RGBA, gl.GL_RGBA8, (gl.GL_RED, gl.GL_GREEN, gl.GL_BLUE, gl.GL_ALPHA)),
}


class Texture:
    """One texture, re-used while size and channels stay."""

    def __init__(self) -> None:
        self._id: int = gl.glGenTextures(1)
        self._shape: tuple[int, ...] = ()
        self._version = 0
        self._enlarged: Enlarged | None = None

    @property
    def ref(self) -> imgui.ImTextureRef:
        return imgui.ImTextureRef(int(self._id))

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels; (0, 0) before the first update."""
        return (self._shape[1], self._shape[0]) if self._shape else (0, 0)

    def update(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show pixels, uint8 [H, W, C] with 1 to 4 channels."""
        pixels = np.ascontiguousarray(pixels)
        height, width, channels = pixels.shape
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._id)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        upload = FORMATS[channels][0]
        if pixels.shape != self._shape:
            _allocate(width, height, channels, pixels)
            self._shape = pixels.shape
        else:
            gl.glTexSubImage2D(gl.GL_TEXTURE_2D, 0, 0, 0, width, height, upload, gl.GL_UNSIGNED_BYTE, pixels)
        self._version += 1

    def enlarged(self, place: tuple[int, int, int, int], room: tuple[int, int]) -> imgui.ImTextureRef:
        """The picture with sharp pixel edges, to be shown at one to one in a room of this width and height.

        place: left, top, right and bottom of the whole picture, relative to the room. ImGui's renderer has a linear
        sampler of its own, so a texture cannot ask for the nearest pixel; here the picture is enlarged before.
        """
        if self._enlarged is None:
            self._enlarged = Enlarged(gl.glGenTextures(1), *(int(name) for name in gl.glGenFramebuffers(2)))
        target = self._enlarged
        wanted = (self._version, place, room)
        if target.shows != wanted:
            height, width, channels = self._shape
            gl.glBindTexture(gl.GL_TEXTURE_2D, target.texture)
            if target.size != (*room, channels):
                _allocate(*room, channels, None)
                target.size = (*room, channels)
            for point, framebuffer, texture in (
                (gl.GL_READ_FRAMEBUFFER, target.reads, self._id),
                (gl.GL_DRAW_FRAMEBUFFER, target.draws, target.texture),
            ):
                gl.glBindFramebuffer(point, framebuffer)
                gl.glFramebufferTexture2D(point, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, texture, 0)
            gl.glBlitFramebuffer(0, 0, width, height, *place, gl.GL_COLOR_BUFFER_BIT, gl.GL_NEAREST)
            gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)
            target.shows = wanted
        return imgui.ImTextureRef(int(target.texture))

    def close(self) -> None:
        gl.glDeleteTextures(1, [self._id])
        if self._enlarged is not None:
            gl.glDeleteTextures(1, [self._enlarged.texture])
            gl.glDeleteFramebuffers(2, [self._enlarged.reads, self._enlarged.draws])


@dataclass
class Enlarged:
    """A texture at the size of the screen, the framebuffers that fill it, and what is in it."""

    texture: int
    reads: int
    draws: int
    size: tuple[int, ...] = ()  # width, height, channels
    shows: tuple[object, ...] = ()


def _allocate(width: int, height: int, channels: int, pixels: npt.NDArray[np.uint8] | None) -> None:
    """Give the bound texture its size and format."""
    upload, internal, swizzle = FORMATS[channels]
    for name, value in (
        (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE),
        (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
        (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR),
        (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
    ):
        gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)
    gl.glTexParameteriv(gl.GL_TEXTURE_2D, gl.GL_TEXTURE_SWIZZLE_RGBA, np.array(swizzle, np.int32))
    gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, internal, width, height, 0, upload, gl.GL_UNSIGNED_BYTE, pixels)
