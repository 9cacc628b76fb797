"""Why a parameter changes nothing: what a network lacks, and what in a request stands in the way."""

from __future__ import annotations

from core.request import Compare, ModelInfo, NoiseMode, RenderRequest, SeedPoint, Show, Truncates
from core.request.mixtures import singles

NO_PSI = "This network has no use for psi: there is no average to truncate towards."
NO_SEED = "Psi scales the z of seeds; this picture has a z of its own."
NO_W = "Psi scales z here, so psi 0 is where z is 0."
NO_MAPPING = "This network has neither a mapping network nor classes."
NO_NOISE = "This network has no noise inputs."
NOT_HERE = "This layer has no noise input."
NOT_RANDOM = "Only random noise has a seed; choose Random above."
NO_STRENGTH = "There is no noise; choose another mode under Truncation & noise."
NO_TRANSFORM = "Only networks with an input transform, such as StyleGAN3, can move their picture."
NO_CLASSES = "This network has no classes."
NO_CODES = "This network has no codes."
A_GRID = "A grid of codes has no single w; paint it under Codes."
ONE_DETAIL = "This network has one level of detail only."
OWN_MAPPING = "Where features are mixed, each network has its own mapping."
SWITCHED_OFF = "This source is switched off."
ALL_CHANNELS = "The principal components are of all channels."
A_PICTURE = "The picture is shown from −1 to 1; choose a layer."
NOT_ONE = "Only a single channel is coloured; choose One above."
NO_DIFFERENCE = "Only a difference is amplified by it; choose Diff."

# What a network must have, as the list of parameters tells it.
NEEDS = {
    "psi": "truncation",
    "centre": "an average w",
    "noise": "noise inputs",
    "transform": "an input transform",
    "classes": "classes",
    "codes": "codes",
    "w": "a w for each layer",
    "detail": "several levels of detail",
    "mapping": "a mapping network or classes",
}


def lacking(need: str, info: ModelInfo | None, entry: int | None = None) -> str:
    """Why a network has no such thing, at one entry of ws if it is told; "": it has. None: no network is open."""
    if info is None or not need:
        return ""
    match need:
        case "psi":
            return NO_PSI if info.truncates is Truncates.NONE else ""
        case "centre":
            return NO_W if info.z_width else lacking("psi", info)
        case "noise":
            return NO_NOISE if not info.has_noise else "" if entry is None or entry in info.noise_ws else NOT_HERE
        case "mapping":
            return NO_MAPPING if not info.has_w and not info.c_dim else ""
    has, why = {
        "transform": (info.has_transform, NO_TRANSFORM),
        "classes": (bool(info.c_dim), NO_CLASSES),
        "codes": (info.codes is not None, NO_CODES),
        "w": (info.codes is None, A_GRID),
        "detail": (bool(info.max_lod), ONE_DETAIL),
    }[need]
    return "" if has else why


def psi_off(info: ModelInfo | None, request: RenderRequest | None = None) -> str:
    """Why psi changes nothing; "": it does. request: None for a network by itself."""
    if info is not None and info.truncates is Truncates.Z and request is not None and not _draws_seeds(request):
        return NO_SEED
    return lacking("psi", info)


def _draws_seeds(request: RenderRequest) -> bool:
    latents = [request.latent, *(source.latent for source in request.sources if source.on and source.parts)]
    return any(isinstance(single, SeedPoint) for latent in latents for single in singles(latent))


def not_random(request: RenderRequest) -> str:
    return "" if request.noise.mode is NoiseMode.RANDOM else NOT_RANDOM


def no_noise(request: RenderRequest) -> str:
    return NO_STRENGTH if request.noise.mode is NoiseMode.NONE else ""


def all_channels(request: RenderRequest) -> str:
    return ALL_CHANNELS if request.view.show is Show.PCA else ""


def no_range(request: RenderRequest) -> str:
    return all_channels(request) if request.view.layer else A_PICTURE


def not_one(request: RenderRequest) -> str:
    return "" if request.view.show is Show.ONE else NOT_ONE


def no_difference(request: RenderRequest) -> str:
    return "" if request.view.compare is Compare.DIFFERENCE else NO_DIFFERENCE
