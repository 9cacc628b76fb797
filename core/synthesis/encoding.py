"""Pictures as codes."""

from __future__ import annotations

from pathlib import Path

import torch

from core.base.device import is_out_of_memory
from core.base.errors import OutOfMemory, UsageError
from core.base.progress import Progress, silent
from core.documents.pictures import Fit, fitted_pixels, read_pixels
from core.request import Codes
from core.request.grids import codes_of
from core.synthesis.codes import coder_of
from core.synthesis.generator import Generator


def encode_file(generator: Generator, path: Path, fit: Fit = Fit.AUTO, *, progress: Progress = silent) -> Codes:
    """The codes of a picture file, on the generator's device.

    Raises UsageError if the network makes no codes of pictures, or the file is none that fits it; OutOfMemory, and
    what `progress` raises.
    """
    coder, grid = coder_of(generator), generator.info.codes
    if coder is None or grid is None:
        raise UsageError("This network takes no codes; open a VQGAN with its encoder to encode pictures.")
    if grid.no_encoder:
        raise UsageError(f"{grid.no_encoder} It cannot encode {path.name}.")
    pixels = fitted_pixels(read_pixels(path), grid, fit, path.name)
    try:
        with torch.inference_mode():
            x = torch.from_numpy(pixels).to(generator.w_avg.device).permute(2, 0, 1)[None].float() / 127.5 - 1
            return codes_of(coder.encode(x, progress).cpu().numpy())
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemory(
            f"The device has too little memory to encode {path.name} at {pixels.shape[1]} x {pixels.shape[0]}; "
            "encode it smaller, or use another device."
        ) from error
