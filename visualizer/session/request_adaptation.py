"""What becomes of a request when another network is opened."""

from __future__ import annotations

from dataclasses import replace

from core.parameters.reasons import lacking
from core.request import (
    Centre,
    Centroids,
    ClassMean,
    Codes,
    Label,
    Latent,
    LayerEdit,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    StyleSource,
    WVector,
    ZVector,
)


def fitted(request: RenderRequest, info: ModelInfo) -> tuple[RenderRequest, tuple[str, ...]]:
    """The request without what a network cannot take, and what that was, in words for the user.

    Entries of ws that the network lacks are kept: they do nothing, and are there again with the network before.
    """
    dropped: list[str] = []
    if not _takes_label(info, request.label):
        dropped.append("the class")
        request = replace(request, label=None)
    if not _takes(info, request.latent):
        dropped.append("the latent")
        request = replace(request, latent=SeedPoint())
    truncation = request.truncation
    if truncation.cutoff is not None and truncation.cutoff >= info.num_ws:
        request = replace(request, truncation=replace(truncation, cutoff=None))
    if truncation.centre is not None and not _takes(info, truncation.centre):
        dropped.append("the centre of the truncation")
        request = replace(request, truncation=replace(request.truncation, centre=None))
    if request.lod is not None and request.lod > info.max_lod:
        request = replace(request, lod=None)
    sources = tuple(_fitted_source(source, info) for source in request.sources if _takes(info, source.latent))
    if len(sources) < len(request.sources):
        dropped.append("a source of styles" if len(request.sources) - len(sources) == 1 else "sources of styles")
    layers = tuple(_fitted_edit(edit, info) for edit in request.layers)
    if layers != request.layers:
        dropped.append("styles set at single layers")
    return replace(request, sources=sources, layers=layers), tuple(dropped)


def _takes(info: ModelInfo, latent: Latent | Centre) -> bool:
    match latent:
        case ClassMean():
            return info.c_dim > 0
        case Centroids(rows):
            return len(rows[0]) == info.w_dim
        case Codes(_, _, indices):
            return info.codes is not None and max(indices) < info.codes.count
        case ZVector(values):
            return info.codes is None and len(values) == info.z_dim
        case WVector(rows):
            return info.codes is None and len(rows) in (1, info.num_ws) and all(len(row) == info.w_dim for row in rows)
    return True


def _takes_label(info: ModelInfo, label: Label) -> bool:
    match label:
        case int():
            return 0 <= label < info.c_dim
        case tuple():
            return len(label) == info.c_dim
    return True


def _fitted_source(source: StyleSource, info: ModelInfo) -> StyleSource:
    return source if _takes_label(info, source.label) else replace(source, label=None)


def _fitted_edit(edit: LayerEdit, info: ModelInfo) -> LayerEdit:
    if info.codes is not None:  # a grid has no single w
        return replace(edit, w=None, offset=(), jitter=0.0)
    w = edit.w if edit.w is None or len(edit.w) == info.w_dim else None
    return replace(edit, w=w, offset=edit.offset if len(edit.offset) in (0, info.w_dim) else ())


def used(request: RenderRequest, info: ModelInfo | None) -> RenderRequest:
    """The request without what means nothing to the network, which options of the command line would be refused for."""
    plain = RenderRequest()
    if lacking("transform", info):
        request = replace(request, transform=plain.transform)
    if lacking("codes", info):
        request = replace(request, grid=plain.grid)
    if lacking("detail", info):
        request = replace(request, lod=plain.lod)
    return replace(request, noise=plain.noise) if lacking("noise", info) else request
