"""What in a request keeps another part of it from being seen, in words. Imports no torch."""

from __future__ import annotations

from core.request import Centroids, ClassMean, Clusters, ModelInfo, RenderRequest, Truncates
from core.request.edits import edit_at, part_at, shares

WHOLE = 1 - 1e-6  # a share that leaves nothing


def latent_hidden(request: RenderRequest, info: ModelInfo) -> str:
    """Why no other latent would change the picture; "": it would."""
    what = "the codes are" if info.codes is not None else "the latent is"
    taken = _taken_by_sources(request, info)
    kept = {entry for entry in range(info.num_ws) if _keeps_w(request, entry)}
    if len(taken | kept) == info.num_ws:
        where = "all of it" if info.num_ws == 1 else "all of every layer"
        if not kept:
            return f"Style mixing takes {where}; {what} not seen."
        others = " or take all of a source" if taken - kept else ""
        return f"All layers keep a style of their own{others}; {what} not seen."
    if _leads_to_one_centre(request, info) and all(_psi(request, entry) == 0 for entry in range(info.num_ws)):
        return f"With psi 0 every latent gives the same picture; {what} not seen."
    return ""


def layer_hidden(request: RenderRequest, entry: int) -> str:
    """Why what is set at a layer does nothing; "": it does."""
    if not edit_at(request.layers, entry).muted:
        return ""
    return f"Layer {entry} is muted: what is set here does not count."


def psi_hidden(request: RenderRequest, info: ModelInfo) -> str:
    """Why the psi of all layers does nothing where layers are truncated; "": it does."""
    cutoff = request.truncation.cutoff
    edits = [edit_at(request.layers, entry) for entry in range(info.num_ws if cutoff is None else cutoff)]
    if info.truncates is Truncates.NONE or not edits or any(edit.psi is None or edit.muted for edit in edits):
        return ""
    return "These layers have a psi of their own, in the layer strip."


def source_hidden(request: RenderRequest, info: ModelInfo, number: int) -> str:
    """Why layers that are to take something of a source take nothing of it; "": some do, or none is to."""
    source = request.sources[number]
    entries = [entry for entry in range(info.num_ws) if part_at(source, entry)]
    if not entries or not source.on or not source.fraction:
        return ""
    muted = [entry for entry in entries if edit_at(request.layers, entry).muted]
    if len({*muted, *(entry for entry in entries if _keeps_w(request, entry))}) < len(entries):
        return ""
    if len(muted) == len(entries):
        return "The layers that take it are muted in the layer strip."
    return "The layers that take it keep a style of their own, under Style vector."


def _taken_by_sources(request: RenderRequest, info: ModelInfo) -> set[int]:
    """Entries of ws that are wholly of sources."""
    rows = shares(request, info.num_ws)
    return {entry for entry in range(info.num_ws) if sum(row[entry] for row in rows) >= WHOLE}


def _keeps_w(request: RenderRequest, entry: int) -> bool:
    edit = edit_at(request.layers, entry)
    return edit.w is not None and not edit.muted


def _psi(request: RenderRequest, entry: int) -> float:
    edit, truncation = edit_at(request.layers, entry), request.truncation
    if edit.psi is not None and not edit.muted:
        return edit.psi
    return truncation.psi if truncation.cutoff is None or entry < truncation.cutoff else 1.0


def _leads_to_one_centre(request: RenderRequest, info: ModelInfo) -> bool:
    """Whether psi leads all latents to the same place."""
    by_latent = isinstance(request.truncation.centre, Clusters | Centroids | ClassMean)
    by_class = info.class_centres and request.truncation.centre is None
    return info.truncates is Truncates.W and not by_latent and not by_class
