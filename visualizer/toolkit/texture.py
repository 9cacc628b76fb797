"""Pictures as OpenGL textures. Every texture has an owner that closes it while the GL context lives."""

from __future__ import annotations

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

    @property
    def ref(self) -> imgui.ImTextureRef:
        return imgui.ImTextureRef(int(self._id))

    def update(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show pixels, uint8 [H, W, C] with 1 to 4 channels."""
        pixels = np.ascontiguousarray(pixels)
        height, width, channels = pixels.shape
        upload, internal, swizzle = FORMATS[channels]
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._id)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        if pixels.shape == self._shape:
            gl.glTexSubImage2D(gl.GL_TEXTURE_2D, 0, 0, 0, width, height, upload, gl.GL_UNSIGNED_BYTE, pixels)
            return
        for name, value in (
            (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE),
            (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
            (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
        ):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)
        gl.glTexParameteriv(gl.GL_TEXTURE_2D, gl.GL_TEXTURE_SWIZZLE_RGBA, np.array(swizzle, np.int32))
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, internal, width, height, 0, upload, gl.GL_UNSIGNED_BYTE, pixels)
        self._shape = pixels.shape

    def close(self) -> None:
        gl.glDeleteTextures(1, [self._id])
