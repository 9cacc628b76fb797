"""Frames of any format and any number of channels as stereo float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError

if TYPE_CHECKING:
    from av import AudioFrame

LOUDEST = 8.0  # times full scale; more is no sound, and would hide everything else
HALF_POWER = 0.5**0.5
ZEROS = {"u8": 128.0}  # the value of silence, by format; 0 in the others
SCALES = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}  # of full scale, by format

# What the left and the right ear hear of a channel (ITU-R BS.775); the deep effects are left out, as everywhere.
EARS = {"FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (HALF_POWER, HALF_POWER), "LFE": (0.0, 0.0)} | {
    f"{place}{side}": (HALF_POWER, 0.0) if side == "L" else (0.0, HALF_POWER) for place in "BS" for side in "LR"
}
BOTH = (0.5, 0.5)  # channels of unknown places

Samples = npt.NDArray[np.float32]


def as_stereo(frame: AudioFrame, name: str) -> Samples:
    """float32 [2, N] of N samples, full scale -1 to 1; what is no number is 0. Mono is heard on both sides.

    name: of the file, for errors. Raises UsageError for a format of samples that is not known.
    """
    planes = _planes(frame, name)
    if len(planes) == 1:
        return np.repeat(planes, 2, axis=0)
    if len(planes) == 2:
        return planes
    ears = np.array([EARS.get(channel.name, BOTH) for channel in frame.layout.channels], np.float32)  # [C, 2]
    ears /= max(1.0, float(ears.sum(0).max()))  # all together are no louder than full scale
    stereo: Samples = np.einsum("ce,cn->en", ears, planes)
    return stereo


def _planes(frame: AudioFrame, name: str) -> Samples:
    """float32 [C, N]"""
    form = frame.format.name.removesuffix("p")
    if form not in SCALES:
        raise UsageError(f"{name} holds samples of the format {form}, which cannot be read; save it as WAV or FLAC.")
    values = frame.to_ndarray()  # [C, N]; where channels alternate, [1, N * C]
    if not frame.format.is_planar:
        values = values.reshape(-1, len(frame.layout.channels)).T
    if form in ("flt", "dbl"):
        values = np.where(np.isfinite(values), values, 0)
        return np.clip(values, -LOUDEST, LOUDEST).astype(np.float32, order="C")
    return (values.astype(np.float32, order="C") - np.float32(ZEROS.get(form, 0))) / np.float32(SCALES[form])
