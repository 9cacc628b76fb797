"""The average spectrum of a network's pictures: made picture by picture, as a heat map, as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.base.device import is_out_of_memory
from core.base.errors import BadOutput, OutOfMemory, UsageError
from core.base.progress import Progress, silent
from core.display.analysis import Pixels, PlottedCurves
from core.display.images import heat, to_pixels
from core.display.spectrum import BETA, AverageSpectrum, curves, heat_map, plotted
from core.synthesis.generator import Generator, SynthesisInputs, Tap, synthesize
from core.synthesis.latents import map_seeds

LOW_DB, HIGH_DB = -40.0, 20.0  # the darkest and the lightest colour of a heat map
CONTOUR_DB = 5.0  # from contour to contour
CONTOUR_ALPHA = 0.4

COLUMNS = (
    "frequency_cycles_per_pixel",
    "radial_mean_db",
    "slice_0_deg_db",
    "slice_45_deg_frequency_cycles_per_pixel",
    "slice_45_deg_db",
)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is known of an average while it grows. In dB; 0 dB is white noise with the deviation of the pictures."""

    curves: PlottedCurves
    width: int  # of the pictures, pixels
    images: int  # averaged so far


@dataclass(frozen=True, eq=False)
class Average(Snapshot):
    """The average of all pictures."""

    power: Tensor  # float32 [INTERPOLATION * H, INTERPOLATION * W], on the CPU
    seed: int  # the first one


def ignore(snapshot: Snapshot) -> None:
    """For those who wait for the end."""


def average_spectrum(
    generator: Generator,
    images: int,
    *,
    seed: int = 0,
    progress: Progress = silent,
    on_snapshot: Callable[[Snapshot], None] = ignore,
) -> Average:
    """The mean power of the pictures of the seeds from `seed` on (psi 1, constant noise, classes from the seeds).

    Runs on the generator's device, calls `progress` at each layer, and `on_snapshot` after 1, 2, 4, 8, ... pictures
    and after the last.

    Raises UsageError for fewer pictures than one, BadOutput, OutOfMemory, and what `progress` raises.
    """
    if images < 1:
        raise UsageError(f"The spectra of {images} pictures cannot be averaged; it takes 1 at least.")
    try:
        return _average(generator, images, seed, progress, on_snapshot)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        size = f"{generator.info.width} x {generator.info.height}"
        raise OutOfMemory(
            f"The device has too little memory to average spectra of {size} pixels; "
            "close other programs, or use another device."
        ) from error


@torch.inference_mode()
def _average(
    generator: Generator, images: int, seed: int, progress: Progress, on_snapshot: Callable[[Snapshot], None]
) -> Average:
    device = generator.w_avg.device
    average = AverageSpectrum(device=torch.device("cpu") if device.type == "mps" else device)  # mps has no float64

    def report(done: int) -> None:
        progress("averaging spectra", done, images, "pictures")

    for done in range(images):

        def tap(name: str, x: Tensor, done: int = done) -> Tensor:
            report(done)
            return x

        average.add(to_pixels(_picture(generator, seed + done, device, tap)))
        if average.images.bit_count() == 1 and average.images < images:
            on_snapshot(Snapshot(plotted(curves(average.power(), average.width)), average.width, average.images))
    report(images)
    power = average.power()
    whole = Average(plotted(curves(power, average.width)), average.width, average.images, power.float().cpu(), seed)
    on_snapshot(whole)
    return whole


def _picture(generator: Generator, seed: int, device: torch.device, tap: Tap) -> Tensor:
    """The picture of a seed, [C, H, W]; in float32 throughout where float16 gives NaN or infinity."""
    info = generator.info
    inputs = SynthesisInputs(map_seeds(generator, info, (seed,), None, device), lod=info.lod)
    image = synthesize(generator, inputs, on_layer=tap)
    if not bool(torch.isfinite(image).all()):
        image = synthesize(generator, replace(inputs, force_fp32=True), on_layer=tap)
        if not bool(torch.isfinite(image).all()):
            raise BadOutput(f"The network gave NaN or infinity at seed {seed}; its weights may be damaged.")
    return image[0]


# ----------------------------------------------------------------------------
# For other programs.


def pictured_power(average: Average) -> Pixels:
    """The heat map from LOW_DB to HIGH_DB with contours at every CONTOUR_DB, frequency 0 in the middle.

    uint8 [INTERPOLATION * H + 1, INTERPOLATION * W + 1, 3]
    """
    db = heat_map(average.power, average.width)
    middle, reach = (LOW_DB + HIGH_DB) / 2, (HIGH_DB - LOW_DB) / 2
    rgb = torch.from_numpy(heat(db - middle, reach))
    level = (db.clamp(LOW_DB - CONTOUR_DB, HIGH_DB) / CONTOUR_DB).floor()
    edge = torch.zeros_like(level, dtype=torch.bool)
    edge[:, :-1] |= level[:, :-1] != level[:, 1:]
    edge[:-1] |= level[:-1] != level[1:]
    ink = torch.where(db < middle, 255.0, 0.0)[..., None]
    lined = torch.lerp(rgb.float(), ink.expand(-1, -1, 3), CONTOUR_ALPHA).to(torch.uint8)
    pixels: Pixels = torch.where(edge[..., None], lined, rgb).numpy()
    return pixels


def table(average: Average, network: str) -> str:
    """The curves as CSV below a line that says of what they are. The slice at 45 degrees has its own frequencies."""
    text = io.StringIO()
    pictures = f"{average.images} pictures, seeds from {average.seed} on, psi 1, constant noise"
    decibels = f"Kaiser window with beta {BETA:g}; 0 dB is white noise of the same deviation"
    text.write(f"# average power spectrum of {' '.join(network.split())}; {pictures}; {decibels}\n")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    radial, horizontal, diagonal = average.curves
    straight, across = (curve.frequency / average.width for curve in (radial, diagonal))
    for values in zip(*(x.tolist() for x in (straight, radial.db, horizontal.db, across, diagonal.db)), strict=True):
        rows.writerow(f"{value:.6g}" for value in values)
    return text.getvalue()
