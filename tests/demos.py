"""A copy of the program's resources with demo networks of its own: small ones, each with a picture of one colour."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

import resources
from core.opening.demos import DEMOS
from core.opening.network import write_network
from tests import small

COLOURS = ((200, 40, 40), (40, 160, 60), (40, 80, 200), (220, 180, 40))  # of the pictures, in the order of DEMOS


def make_resources(root: Path) -> Path:
    """Fill a folder with the program's fonts and a network for each of DEMOS."""
    shutil.copytree(resources.ROOT / "fonts", root / "fonts")
    (root / "demo").mkdir()
    for seed, (demo, colour) in enumerate(zip(DEMOS, COLOURS, strict=True)):
        make = small.stylegan3 if demo.name.endswith("-r") else small.stylegan2
        generator = make(16, seed=seed).generator
        write_network(generator, root / f"demo/{demo.name}.safetensors", half=True)
        Image.new("RGB", (128, 128), colour).save(root / f"demo/{demo.name}.png")
    return root
