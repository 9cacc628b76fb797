"""What becomes of a request with another network: what a network takes of it. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.parameters.reasons import lacking
from core.request import (
    IDENTITY,
    Blend,
    Centre,
    Centroids,
    ClassMean,
    Codes,
    Label,
    Latent,
    LayerEdit,
    Mixture,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncates,
    WVector,
    ZVector,
)
from core.request.edits import edit_at, trimmed, with_edits

NO_NETWORKS: Mapping[str, ModelInfo] = {}

Fitted = tuple[RenderRequest, list[str]]


@dataclass(frozen=True)
class Target:
    """The network that a request is fitted to, and where the request comes from."""

    info: ModelInfo
    before: ModelInfo | None = None  # the network that it was made with; None: this one
    others: Mapping[str, ModelInfo] = field(default_factory=dict)  # open ones by location, which blends may name

    @property
    def has_the_layers(self) -> bool:
        """Whether entries of ws mean here what they meant before: by their place, but one that is all has none."""
        a, b = self.before, self.info
        return a is None or ((a.num_ws > 1) == (b.num_ws > 1) and (a.codes is None) == (b.codes is None))


def fitted(
    request: RenderRequest, info: ModelInfo, *, before: ModelInfo | None = None,
    others: Mapping[str, ModelInfo] = NO_NETWORKS,
) -> tuple[RenderRequest, tuple[str, ...]]:  # fmt: skip
    """The request without what means nothing to a network, and what that was, in words for the user.

    before: the network that the request was made with, if it was another one. others: open networks by location.
    """
    target, told = Target(info, before, others), list[str]()
    for part in (_without_foreign_latents, _without_foreign_sources, _without_foreign_edits, _without_foreign_blends):
        request, dropped = part(request, target)
        told += dropped
    return request, tuple(told)


# ----------------------------------------------------------------------------
# Parts of a request.


def _without_foreign_latents(request: RenderRequest, target: Target) -> Fitted:
    """The class, the latent, what it is truncated to, how the picture lies and how large it is."""
    info, dropped = target.info, list[str]()
    if not takes_label(info, request.label):
        dropped.append("the class")
        request = replace(request, label=None)
    if not takes(info, request.latent):
        dropped.append("the latent")
        request = replace(request, latent=SeedPoint())
    truncation = request.truncation
    if truncation.cutoff is not None and truncation.cutoff >= info.num_ws:
        request = replace(request, truncation=replace(truncation, cutoff=None))
    if truncation.centre is not None and not takes(info, truncation.centre):
        dropped.append("the centre of the truncation")
        request = replace(request, truncation=replace(request.truncation, centre=None))
    if request.transform != IDENTITY and not info.has_transform:
        dropped.append("the transform")
        request = replace(request, transform=IDENTITY)
    if request.lod is not None and request.lod > info.max_lod:
        request = replace(request, lod=None)
    return request, dropped


def _without_foreign_sources(request: RenderRequest, target: Target) -> Fitted:
    info, dropped = target.info, list[str]()
    taken = [source for source in request.sources if takes(info, source.latent)]
    if len(taken) < len(request.sources):
        dropped.append("a source of styles" if len(request.sources) - len(taken) == 1 else "sources of styles")
    count = info.num_ws if target.has_the_layers else 0
    sources = tuple(_fitted_source(source, info, count) for source in taken)
    if any(any(source.parts[count:]) for source in taken):
        dropped.append("style mixing" if count == 0 else "style mixing in layers that it lacks")
    return replace(request, sources=sources), dropped


def _without_foreign_edits(request: RenderRequest, target: Target) -> Fitted:
    """What is set at single layers, and in style space."""
    info, dropped = target.info, list[str]()
    count = info.num_ws if target.has_the_layers else 0
    found = [_fitted_edit(edit, info, entry) for entry, edit in enumerate(request.layers[:count])]
    layers = with_edits(tuple(found), {})
    changed = [(edit, edit_at(layers, entry)) for entry, edit in enumerate(request.layers)]
    if any((a.psi, a.noise, a.muted) != (b.psi, b.noise, b.muted) for a, b in changed):
        dropped.append("edits of single layers")
    elif any(a != b for a, b in changed):
        dropped.append("styles set at single layers")
    known = {step.name for step in info.steps if step.has_styles}
    styles = tuple(edit for edit in request.styles if edit.layer in known or not info.steps)
    if len(styles) < len(request.styles):
        dropped.append("edits in style space")
    return replace(request, layers=layers, styles=styles), dropped


def _without_foreign_blends(request: RenderRequest, target: Target) -> Fitted:
    kept = tuple(blend for blend in request.blends if _can_blend(blend, request.network, target))
    gone, dropped = len(request.blends) - len(kept), list[str]()
    if gone:
        dropped.append("the network that was blended in" if gone == 1 else "the networks that were blended in")
    count = target.info.num_ws
    if any(any(blend.weights[count:]) for blend in kept):
        dropped.append("blending in layers that it lacks")
    blends = tuple(replace(blend, weights=trimmed(blend.weights[:count])) for blend in kept)
    return replace(request, blends=blends), dropped


# ----------------------------------------------------------------------------
# What a network takes.


def takes(info: ModelInfo, latent: Latent | Centre) -> bool:
    """Whether a latent, or what truncation leads to, means anything to a network."""
    match latent:
        case Mixture(shares):
            return all(takes(info, share.latent) and takes_label(info, share.label) for share in shares)
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


def takes_label(info: ModelInfo, label: Label) -> bool:
    """Whether a network has such a class, or as many as a soft label has weights."""
    match label:
        case int():
            return 0 <= label < info.c_dim
        case tuple():
            return len(label) == info.c_dim
    return True


def _fitted_source(source: StyleSource, info: ModelInfo, count: int) -> StyleSource:
    label = source.label if takes_label(info, source.label) else None
    return replace(source, label=label, parts=trimmed(source.parts[:count]))


def _fitted_edit(edit: LayerEdit, info: ModelInfo, entry: int) -> LayerEdit:
    psi = None if info.truncates is Truncates.NONE else edit.psi
    noise = edit.noise if entry in info.noise_ws else 1.0
    edit = replace(edit, psi=psi, noise=noise)
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


def _can_blend(blend: Blend, network: str, target: Target) -> bool:
    """Whether anything of another network can act here, as far as it is known. In itself, nothing can."""
    if target.before is None:
        return True
    other = target.others.get(blend.network)
    alike = other is None or other.family == target.info.family
    if other is not None and blend.features:
        alike = alike and other.architecture == target.info.architecture
    return target.has_the_layers and alike and blend.network != network
