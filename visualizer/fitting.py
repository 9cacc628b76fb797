"""What becomes of a request when another network is opened."""

from __future__ import annotations

from dataclasses import replace

from core.request import ModelInfo, RenderRequest, SeedPoint, WVector, ZVector


def fitted(request: RenderRequest, info: ModelInfo) -> RenderRequest:
    """The request without what a network cannot take: another network's classes, latents, cutoff."""
    match request.label:
        case int(label) if not 0 <= label < info.c_dim:
            request = replace(request, label=None)
        case tuple(label) if len(label) != info.c_dim:
            request = replace(request, label=None)
    match request.latent:
        case ZVector(values) if len(values) != info.z_dim:
            request = replace(request, latent=SeedPoint())
        case WVector(rows) if len(rows) not in (1, info.num_ws) or any(len(row) != info.w_dim for row in rows):
            request = replace(request, latent=SeedPoint())
    cutoff = request.truncation.cutoff
    if cutoff is not None and cutoff >= info.num_ws:
        request = replace(request, truncation=replace(request.truncation, cutoff=None))
    return request
