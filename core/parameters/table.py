"""The one table of everything in a request that can be turned: what, where, how far, and what it needs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.base.control import EVERYWHERE, Choice, Kind, Value
from core.base.text import plural
from core.parameters import reasons
from core.parameters.lenses import (
    CLUSTERS,
    DEFAULTS,
    At,
    Lens,
    by_path,
    centre_point,
    item,
    placed,
    seed_point,
    source_point,
    style,
)
from core.parameters.parameter import AXES, Axis, Flag, Interpolation, Parameter
from core.request import MAX_EDGE, Colours, Compare, ModelInfo, NoiseMode, Precision, RenderRequest, Show, Truncates

MAX_CLASSES = 65536
MAX_LAYERS = 1024
MAX_CLUSTERS = 256
MAX_LOD = 16
MAX_DB, MAX_STOPS = 200, 100  # powers of these are still within float32
LAYERS = 18  # shown while no network is open

PSI_TIPS = {
    Truncates.W: "Scales w towards the average: 0 is the mean picture, 1 leaves it, below 0 is its opposite",
    Truncates.Z: "Scales the z of seeds: less is more typical and less varied, 1 leaves it, 0 is one for all",
    Truncates.STATISTICS: "Scales the z of seeds, and chooses the statistics that belong to it: less is more typical "
    "and less varied",
    Truncates.NONE: reasons.NO_PSI,
}


def number(path: str, label: str, *, lens: Lens | None = None, **more: Any) -> Parameter:
    """A parameter whose default is that of its field. Its slider spans the limits if no range is given.

    lens: of what its path alone does not say.
    """
    lens = lens or by_path(path)
    keys = {Axis.STYLE: ("", 0)}
    at: At = tuple(keys.get(AXES[name], 0) for name in _bracketed(path))
    more = {"range": more.get("limits", EVERYWHERE)} | more
    return Parameter(path=path, label=label, lens=lens, default=lens.get(DEFAULTS, at), **more)


def whole(path: str, label: str, **more: Any) -> Parameter:
    return number(path, label, kind=Kind.WHOLE, **{"format": "%d"} | more)


def flag(path: str, label: str, **more: Any) -> Parameter:
    return number(path, label, kind=Kind.FLAG, interpolation=Interpolation.STEP, **more)


def choice(path: str, label: str, choices: Iterable[Choice], **more: Any) -> Parameter:
    return number(
        path, label, kind=Kind.CHOICE, choices=tuple(choices), interpolation=Interpolation.STEP, **more
    )  # fmt: skip


def _bracketed(path: str) -> list[str]:
    return [part.removesuffix("[]") for part in path.split(".") if part.endswith("[]")]


# ----------------------------------------------------------------------------
# What depends on the network or on the rest of the request.


def _psi_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    return replace(parameter, tip=PSI_TIPS[info.truncates])


def _cutoff_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    span, cutoff = (0.0, float(info.num_ws)), request.truncation.cutoff
    count = info.num_ws if cutoff is None else min(cutoff, info.num_ws)
    tip = f"Psi applies to the first {count} of {plural(info.num_ws, 'layer')}"
    return replace(parameter, range=span, limits=span, unit=f"/ {info.num_ws}", tip=tip)


def _lod_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    span = (0.0, float(info.max_lod))
    return replace(parameter, range=span, limits=span, unit=f"/ {info.max_lod}")


def _class_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    span = (0.0, float(max(info.c_dim - 1, 0)))
    return replace(parameter, range=span, limits=span)


def _seed_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    return replace(parameter, format="%d" if float(request.noise.seed).is_integer() else "%.2f")


def _shift_fit(parameter: Parameter, info: ModelInfo, request: RenderRequest) -> Parameter:
    return replace(parameter, step=0.5 / info.width)


def _layer_psi(info: ModelInfo | None, request: RenderRequest, at: At) -> Value:
    """That of the truncation; behind its cutoff, none."""
    (entry,), cutoff = at, request.truncation.cutoff
    return request.truncation.psi if cutoff is None or (isinstance(entry, int) and entry < cutoff) else 1.0


def _source_off(info: ModelInfo | None, request: RenderRequest, at: At) -> str:
    return "" if not at or not isinstance(at[0], int) or request.sources[at[0]].on else reasons.SWITCHED_OFF


def _mapping_off(info: ModelInfo | None, request: RenderRequest, at: At) -> str:
    mixes = at and isinstance(at[0], int) and request.blends[at[0]].features
    return reasons.OWN_MAPPING if mixes else ""


# ----------------------------------------------------------------------------
# The latent and its sources.

LATENT_X = number("latent.x", "Latent x", lens=seed_point("x"), format="%+.2f", step=0.01,
                  tip="Along a row of the seed map: one is one seed")  # fmt: skip
LATENT_Y = number("latent.y", "Latent y", lens=seed_point("y"), format="%+.2f", step=0.01,
                  tip="Across the rows of the seed map: one is 100 seeds")  # fmt: skip
LABEL = whole("label", "Class", optional=True, none="from the seed", limits=(0, MAX_CLASSES), needs="classes",
              fit=_class_fit, interpolation=Interpolation.STEP, tip="One class for all seeds")  # fmt: skip

SOURCE_X = number("sources[].latent.x", "Source x", lens=source_point("x"), format="%+.2f", step=0.01,
                  tip="Of the source, along a row of the seed map")  # fmt: skip
SOURCE_Y = number("sources[].latent.y", "Source y", lens=source_point("y"), format="%+.2f", step=0.01,
                  tip="Of the source, across the rows of the seed map")  # fmt: skip
SOURCE_LABEL = whole("sources[].label", "Class of the source", optional=True, none="as the latent's",
                     limits=(0, MAX_CLASSES), needs="classes", fit=_class_fit, interpolation=Interpolation.STEP,
                     tip="The class of this source")  # fmt: skip
FRACTION = number("sources[].fraction", "Fraction", limits=(0, 1), factor=100, format="%.0f", unit="%",
                  idle=_source_off,
                  tip="How much of it the chosen layers take; the rest is the latent's own")  # fmt: skip
PART = number("sources[].parts[]", "Style", limits=(0, 1), step=0.01,
              tip="How much of the source the layer takes")  # fmt: skip
SOURCE_ON = flag("sources[].on", "Use", tip="Whether layers take anything of the source")

# ----------------------------------------------------------------------------
# Truncation.

PSI = number("truncation.psi", "Psi", range=(-1, 2), zero=0, needs="psi", fit=_psi_fit,
             idle=lambda info, request, at: reasons.psi_off(info, request),
             flag=Flag("--psi", "F", "truncation, 1: none"), tip=PSI_TIPS[Truncates.W])  # fmt: skip
CUTOFF = whole("truncation.cutoff", "Cutoff", optional=True, none="all layers", limits=(0, MAX_LAYERS),
               range=(0, LAYERS), unit=f"/ {LAYERS}", needs="psi", fit=_cutoff_fit,
               stands=lambda info, request, at: info.num_ws if info else LAYERS,
               idle=lambda info, request, at: reasons.psi_off(info, request),
               flag=Flag("--cutoff", "N", "truncate the first N layers only"),
               tip="Psi applies to the first layers, up to it")  # fmt: skip
CENTRE_X = number("truncation.centre.x", "Centre x", lens=centre_point("x"), optional=True, none="no seed",
                  format="%+.2f", step=0.01, needs="centre",
                  tip="Psi leads to a seed: its place along the seed map")  # fmt: skip
CENTRE_Y = number("truncation.centre.y", "Centre y", lens=centre_point("y"), optional=True, none="no seed",
                  format="%+.2f", step=0.01, needs="centre",
                  tip="Psi leads to a seed: its place across the seed map")  # fmt: skip
CENTRE_COUNT = whole("truncation.centre.count", "Clusters", lens=CLUSTERS, optional=True, none="no clusters",
                     limits=(1, MAX_CLUSTERS), needs="centre",
                     tip="Psi leads to the nearest of so many centres of W")  # fmt: skip

# ----------------------------------------------------------------------------
# Noise.

NOISE_MODE = choice("noise.mode", "Noise", (
    Choice(NoiseMode.CONST, "Const", "The noise maps stored in the network"),
    Choice(NoiseMode.RANDOM, "Random", "Fresh noise from the seed below"),
    Choice(NoiseMode.NONE, "None", "No noise at all"),
), needs="noise", tip="Where the noise of the layers comes from")  # fmt: skip
NOISE_SEED = number("noise.seed", "Noise seed", range=(0, 2**31), format="%d", needs="noise", fit=_seed_fit,
                    idle=lambda info, request, at: reasons.not_random(request),
                    tip="Which random noise")  # fmt: skip
NOISE_STRENGTH = number("noise.strength", "Strength", range=(0, 4), unit="×", needs="noise",
                        idle=lambda info, request, at: reasons.no_noise(request),
                        tip="Times the layers' learned strengths")  # fmt: skip
SHIFT_TIP = "Moves the noise maps, in picture sizes; what leaves at one side enters at the other"
NOISE_SHIFT_X = number("noise.shift.x", "Shift x", lens=item("noise", "shift", 0), range=(-1, 1), format="%+.3f",
                       step=0.002, needs="noise", idle=lambda info, request, at: reasons.no_noise(request),
                       tip=SHIFT_TIP)  # fmt: skip
NOISE_SHIFT_Y = number("noise.shift.y", "Shift y", lens=item("noise", "shift", 1), range=(-1, 1), format="%+.3f",
                       step=0.002, needs="noise", idle=lambda info, request, at: reasons.no_noise(request),
                       tip=SHIFT_TIP)  # fmt: skip

# ----------------------------------------------------------------------------
# Single layers, and their channels.

LAYER_PSI = number("layers[].psi", "Psi", optional=True, none="as all", range=(-1, 2), step=0.01, needs="psi",
                   stands=_layer_psi, idle=lambda info, request, at: reasons.psi_off(info, request),
                   tip="Psi of this layer alone")  # fmt: skip
LAYER_NOISE = number("layers[].noise", "Noise", range=(0, 4), step=0.02, needs="noise",
                     idle=lambda info, request, at: reasons.no_noise(request),
                     tip="Times the layer's learned strength")  # fmt: skip
JITTER = number("layers[].jitter", "Gaussian", range=(-3, 3), zero=0, unit="σ", needs="w",
                tip="A random offset of all numbers, in their standard deviations")  # fmt: skip
JITTER_SEED = whole("layers[].jitter_seed", "Gaussian seed", needs="w", tip="Which random offset")
MUTED = flag("layers[].muted", "Mute", tip="This layer as if nothing were edited")
STYLE_OFFSET = number("styles[].offset", "Offset", lens=style("offset"), range=(-10, 10), zero=0, format="%+.1f",
                      unit="σ", power=2,
                      tip="Added to the channel, in its standard deviations")  # fmt: skip
STYLE_SCALE = number("styles[].scale", "Scale", lens=style("scale"), range=(-10, 10), step=0.02,
                     tip="What the channel is multiplied by; 0 switches it off")  # fmt: skip

# ----------------------------------------------------------------------------
# Other networks.

WEIGHT = number("blends[].weights[]", "Weight", limits=(0, 1), step=1 / 72,
                tip="Part of the other network in this layer")  # fmt: skip
MAPPING = number("blends[].mapping", "Mapping", limits=(0, 1), needs="mapping", idle=_mapping_off,
                 tip="How much of the other network's mapping network, and of its average w, makes w")  # fmt: skip
FEATURES = flag("blends[].features", "Mix features",
                tip="Both networks run, and what their layers make is mixed; off: their parameters are")  # fmt: skip

# ----------------------------------------------------------------------------
# How the picture lies in its frame.

MATRIX = number("transform[]", "Matrix", range=(-100, 100), format="%.4f", step=0.005, needs="transform",
                tip="Of the matrix that the network gets: the inverse of how the picture is placed")  # fmt: skip
TRANSFORM_X = number("transform.x", "Translate x", lens=placed("x"), derived=True, range=(-10, 10), format="%+.4f",
                     step=0.0005, fit=_shift_fit, needs="transform",
                     tip="Picture widths; Ctrl and drag in the picture moves it too")  # fmt: skip
TRANSFORM_Y = number("transform.y", "Translate y", lens=placed("y"), derived=True, range=(-10, 10), format="%+.4f",
                     step=0.0005, fit=_shift_fit, needs="transform",
                     tip="Picture widths; Ctrl and drag in the picture moves it too")  # fmt: skip
ROTATE = number("transform.rotate", "Rotate", lens=placed("degrees"), derived=True, range=(-180, 180), zero=0,
                format="%.1f", unit="°", needs="transform", interpolation=Interpolation.ANGLE,
                tip="Anticlockwise")  # fmt: skip
SCALE_X = number("transform.scale_x", "Scale x", lens=placed("scale_x"), derived=True, limits=(0.01, 100),
                 format="%.3f", step=0.005, needs="transform", tip="From left to right")  # fmt: skip
SCALE_Y = number("transform.scale_y", "Scale y", lens=placed("scale_y"), derived=True, limits=(0.01, 100),
                 format="%.3f", step=0.005, needs="transform", tip="From top to bottom")  # fmt: skip
SHEAR = number("transform.shear", "Shear", lens=placed("shear"), derived=True, range=(-2, 2), zero=0,
               needs="transform", tip="How far x moves with y")  # fmt: skip
MIRROR = flag("transform.mirror", "Mirror", lens=placed("mirrored"), derived=True, needs="transform",
              tip="Left and right")  # fmt: skip

# ----------------------------------------------------------------------------
# Codes, level of detail, precision.

GRID_ROWS = whole("grid.rows", "Rows", limits=(0, MAX_EDGE), step=0.1, needs="codes",
                  tip="Rows of the codes that seeds draw; 0: as many as the network has")  # fmt: skip
GRID_COLUMNS = whole("grid.columns", "Columns", limits=(0, MAX_EDGE), step=0.1, needs="codes",
                     tip="Columns of the codes that seeds draw; 0: as many as the network has")  # fmt: skip
SNAP = flag("grid.snap", "Between", choices=(
    Choice("false", "Blend", "Between seeds and sources, vectors are blended"),
    Choice("true", "Nearest code", "What lies between becomes the nearest code"),
), needs="codes", tip="What lies between seeds and sources")  # fmt: skip
LOD = number("lod", "Detail", optional=True, none="as trained", limits=(0, MAX_LOD),
             needs="detail", fit=_lod_fit, stands=lambda info, request, at: info.lod if info else 0.0,
             beyond="finer than there is",
             flag=Flag("--lod", "F", "level of detail of networks that grew, 0: full resolution (default: as trained)"),
             tip="Level of detail: each halves the resolution, as while the network grew")  # fmt: skip
PRECISION = choice("precision", "Precision", (
    Choice(Precision.AUTO, "Auto", "float16 on a GPU where the network says so; on a CPU exact, but fast while a "
           "control is held"),
    Choice(Precision.EXACT, "Exact", "float32 everywhere: slower, exact"),
    Choice(Precision.FAST, "Fast", "bfloat16 where the device has it: faster, with small errors"),
), flag=Flag("--precision", "", "exact: float32; fast: bfloat16 (default: auto)"),
    tip="In what the layers compute")  # fmt: skip

# ----------------------------------------------------------------------------
# What is seen of it.

VIEW_LAYER = number("view.layer", "Layer", kind=Kind.TEXT, interpolation=Interpolation.STEP,
                    tip="The layer that is shown in place of the picture; none: the picture")  # fmt: skip
SHOW = choice("view.show", "Show", (
    Choice(Show.ONE, "One", "One channel"),
    Choice(Show.THREE, "Three", "Three channels as red, green and blue"),
    Choice(Show.PCA, "PCA", "Three principal components of all channels"),
), tip="Which channels of the layer make its picture")  # fmt: skip
BASE = whole("view.base", "Channel", limits=(0, math.inf),
             idle=lambda info, request, at: reasons.all_channels(request),
             tip="The first channel shown; click one in the mosaic")  # fmt: skip
NORMALIZE = flag("view.normalize", "Normalise", idle=lambda info, request, at: reasons.all_channels(request),
                 tip="Divide each channel by its largest magnitude")  # fmt: skip
GAIN = number("view.gain_db", "Gain", limits=(-MAX_DB, MAX_DB), range=(-40, 40), zero=0, format="%+.1f", unit="dB",
              tip="Amplify before −1 to 1 is shown")  # fmt: skip
AUTO_RANGE = flag("view.auto_range", "Range", choices=(
    Choice("false", "−1 to 1", "From −1 to 1, as the network's picture"),
    Choice("true", "Own", "As far as the shown channels reach, so that nothing of them is cut off"),
), idle=lambda info, request, at: reasons.no_range(request), tip="What the colours span, before the gain")  # fmt: skip
COLOURS = choice("view.colours", "Colours", (
    Choice(Colours.AUTO, "Auto", "Signed where there are values below zero, else gray"),
    Choice(Colours.GRAY, "Gray", "The least value black, the greatest white"),
    Choice(Colours.SIGNED, "Signed", "Blue below zero, dark at zero, orange above"),
), idle=lambda info, request, at: reasons.not_one(request), tip="How one channel is coloured")  # fmt: skip
COMPARE = choice("view.compare", "Compare", (
    Choice(Compare.OFF, "Off", "The picture alone"),
    Choice(Compare.SIDE, "Side", "Beside the upright picture, placed alike"),
    Choice(Compare.DIFFERENCE, "Diff", "What it differs by from the upright picture, placed alike"),
    Choice(Compare.BLINK, "Blink", "In turn with the upright picture, placed alike"),
    Choice(Compare.WIPE, "Wipe", "Each at one side of an edge that can be dragged"),
), needs="transform", tip="How the placed picture is seen with the upright one")  # fmt: skip
UNTRANSFORM = flag("view.untransform", "Untransform", needs="transform",
                   tip="Take the transform back by resampling: what is left does not follow it")  # fmt: skip
MASK = flag("view.mask", "Mask", needs="transform", tip="Hatch what was resampled from beyond the edge")
DIFFERENCE = number("view.difference_db", "Difference", limits=(-MAX_DB, MAX_DB), range=(-60, 60), zero=0,
                    format="%+.1f", unit="dB", needs="transform",
                    idle=lambda info, request, at: reasons.no_difference(request),
                    tip="Amplify the difference")  # fmt: skip
EXPOSURE = number("view.exposure", "Exposure", limits=(-MAX_STOPS, MAX_STOPS), range=(-5, 5), zero=0, format="%+.2f",
                  unit="EV",
                  tip="Light of the picture in stops: +1 is twice as much; saved pictures have it, too")  # fmt: skip
CONTRAST = number("view.contrast", "Contrast", range=(0, 4), power=2,
                  tip="Of the picture around middle gray; saved pictures have it, too")  # fmt: skip

# The latent before what is done to it, and what is seen of it last: also the order in which changes are told.
PARAMETERS: tuple[Parameter, ...] = (
    LATENT_X, LATENT_Y, LABEL,
    SOURCE_X, SOURCE_Y, SOURCE_LABEL, FRACTION, PART, SOURCE_ON,
    PSI, CUTOFF, CENTRE_X, CENTRE_Y, CENTRE_COUNT,
    NOISE_MODE, NOISE_SEED, NOISE_STRENGTH, NOISE_SHIFT_X, NOISE_SHIFT_Y,
    LAYER_PSI, LAYER_NOISE, JITTER, JITTER_SEED, MUTED, STYLE_OFFSET, STYLE_SCALE,
    WEIGHT, MAPPING, FEATURES,
    TRANSFORM_X, TRANSFORM_Y, ROTATE, SCALE_X, SCALE_Y, SHEAR, MIRROR, MATRIX,
    GRID_ROWS, GRID_COLUMNS, SNAP, LOD, PRECISION,
    VIEW_LAYER, SHOW, BASE, NORMALIZE, AUTO_RANGE, GAIN, COLOURS, COMPARE, UNTRANSFORM, MASK, DIFFERENCE, EXPOSURE,
    CONTRAST,
)  # fmt: skip
BY_PATH = {parameter.path: parameter for parameter in PARAMETERS}

# Fields of a request that are no parameters, and why.
WITHOUT = {
    "network": "what is opened, not turned",
    "latent.values": "an explicit z, which comes from a file",
    "latent.rows": "an explicit w, which comes from a file; the rows of an explicit grid of codes, painted",
    "latent.columns": "an explicit grid of codes, painted cell by cell",
    "latent.indices": "an explicit grid of codes, painted cell by cell",
    "latent.shares": "what lies between latents, which a timeline makes",
    "latent.space": "where a timeline mixes latents",
    "sources[].latent.shares": "what lies between latents, which a timeline makes",
    "sources[].latent.space": "where a timeline mixes latents",
    "truncation.centre.shares": "what lies between latents, which a timeline makes",
    "truncation.centre.space": "where a timeline mixes latents",
    "sources[].latent.values": "an explicit z, which comes from a file",
    "sources[].latent.rows": "an explicit w, which comes from a file; the rows of an explicit grid of codes",
    "sources[].latent.columns": "an explicit grid of codes",
    "sources[].latent.indices": "an explicit grid of codes",
    "sources[].name": "what it is called, which changes no picture",
    "truncation.centre.values": "an explicit z, which comes from a file",
    "truncation.centre.rows": "an explicit w or centroids, which come from a file",
    "truncation.centre.columns": "an explicit grid of codes",
    "truncation.centre.indices": "an explicit grid of codes",
    "truncation.centre.name": "what the file is called, which changes no picture",
    "blends[].network": "what is opened, not turned",
    "styles[].layer": "the key of the edit",
    "styles[].channel": "the key of the edit",
    "layers[].w": "kept from a picture, all of its numbers at once",
    "layers[].offset": "as many numbers as w has, drawn as bars",
}
