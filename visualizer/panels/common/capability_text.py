"""How the panels speak of what a network draws from: of w, or of z where there is no W; and what psi does there."""

from __future__ import annotations

from core.request import ModelInfo, RenderRequest, SeedPoint, Truncates

NO_PSI = "This network has no use for psi: there is no average to truncate towards."
NO_SEED = "Psi scales the z of seeds; this picture has a z of its own."
NO_W = "Psi scales z here, so psi 0 is where z is 0."
NO_AVERAGE = "This network has no W: the average of z is 0."
NO_MAPPING = "This network has neither a mapping network nor classes."

PSI_TIPS = {
    Truncates.W: "Scales w towards the average: 0 is the mean picture, 1 leaves it, below 0 is its opposite",
    Truncates.Z: "Scales the z of seeds: less is more typical and less varied, 1 leaves it, 0 is one for all",
    Truncates.STATISTICS: "Scales the z of seeds, and chooses the statistics that belong to it: less is more typical "
    "and less varied",
    Truncates.NONE: NO_PSI,
}


def letter_of_space(info: ModelInfo | None) -> str:
    """What an entry of ws holds."""
    return "w" if info is None or info.has_w else "z"


def numbers_of(info: ModelInfo) -> str:
    """What the numbers of an entry are, such as "512 numbers"."""
    classes = info.w_dim - info.z_width
    if not info.z_width or not classes:
        return f"{info.w_dim} numbers"
    return f"{info.z_width} numbers, then {classes} of the class"


def psi_off(info: ModelInfo | None, request: RenderRequest | None = None) -> str:
    """Why psi changes nothing; "": it does. request: None for a network by itself."""
    match info.truncates if info else Truncates.W:
        case Truncates.NONE:
            return NO_PSI
        case Truncates.Z if request is not None and not _draws_seeds(request):
            return NO_SEED
    return ""


def centre_off(info: ModelInfo | None) -> str:
    """Why nothing can be chosen to truncate towards."""
    return NO_W if info is not None and info.z_width else psi_off(info)


def mapping_off(info: ModelInfo | None) -> str:
    """Why no part of another network's mapping can be taken."""
    return NO_MAPPING if info is not None and not info.has_w and not info.c_dim else ""


def _draws_seeds(request: RenderRequest) -> bool:
    latents = [request.latent, *(source.latent for source in request.sources if source.on and source.parts)]
    return any(isinstance(latent, SeedPoint) for latent in latents)
