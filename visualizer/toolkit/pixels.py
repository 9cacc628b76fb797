"""What a picture is to the window and to files."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]  # [H, W, C]: 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha
