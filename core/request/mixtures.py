"""What lies between latents and between labels, as values. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.request import (
    Codes,
    Label,
    Latent,
    Mixture,
    SeedPoint,
    Share,
    SingleLatent,
    Space,
    WVector,
    ZVector,
)
from core.request.labels import soft_label

MAX_SHARES = 64
SMALLEST = 1e-9  # a weight that counts


def mixture(parts: Iterable[tuple[Latent, float, Label]], space: Space = Space.W) -> Latent:
    """Latents with their weights, which are brought to a sum of 1, and labels. Of a single one, that one itself.

    Equal ones become one, a mixture its shares; of more than MAX_SHARES, those with the largest weights stay. Where one
    has no z, all are mixed in W. Raises ValueError if the weights add up to nothing.
    """
    shares: list[Share] = []
    for latent, weight, label in parts:
        for share in latent.shares if isinstance(latent, Mixture) else (Share(latent, 1.0),):
            own = share.label if share.label is not None else label
            _add(shares, replace(share, weight=share.weight * weight, label=own))
    shares = [share for share in shares if abs(share.weight) > SMALLEST]
    if len(shares) > MAX_SHARES:
        least = sorted(abs(share.weight) for share in shares)[-MAX_SHARES]
        shares = [share for share in shares if abs(share.weight) >= least][:MAX_SHARES]
    total = sum(share.weight for share in shares)
    if abs(total) < SMALLEST:
        raise ValueError("weights that add up to nothing")
    if len(shares) == 1 and shares[0].label is None:
        return shares[0].latent
    return Mixture(tuple(replace(share, weight=share.weight / total) for share in shares), space)


def _add(shares: list[Share], new: Share) -> None:
    for index, share in enumerate(shares):
        if share.label == new.label and share.latent == new.latent:
            shares[index] = replace(share, weight=share.weight + new.weight)
            return
    shares.append(new)


def between(before: Latent, after: Latent, part: float, space: Space = Space.W) -> Latent:
    """The way from one latent to another. part: 0: the first, 1: the second; beyond: farther on that way."""
    if part in (0, 1) or before == after:
        return after if part == 1 else before
    return mixture(((before, 1 - part, None), (after, part, None)), space)


def singles(latent: Latent) -> tuple[SingleLatent, ...]:
    """What a latent is made of: the shares of a mixture, else itself."""
    return tuple(share.latent for share in latent.shares) if isinstance(latent, Mixture) else (latent,)


def has_z(latent: Latent) -> bool:
    """Whether a z stands for it."""
    match latent:
        case SeedPoint() | ZVector():
            return True
        case WVector() | Codes():
            return False
        case Mixture(shares, space):
            return space is Space.Z and all(has_z(share.latent) for share in shares)


def mixed_label(before: Label, after: Label, part: float, c_dim: int = 0) -> Label:
    """The soft label between two; the first, where one of them is drawn from the seed or it is unknown of how many.

    part: 0..1, what lies beyond is taken as the end. c_dim: the classes of the network; 0: as many as a label tells.
    """
    part = min(max(part, 0.0), 1.0)
    if part in (0, 1) or before == after or before is None or after is None:
        return after if part == 1 else before
    c_dim = c_dim or next((len(label) for label in (before, after) if isinstance(label, tuple)), 0)
    labels = [_weights(label, c_dim) for label in (before, after)]
    if any(label is None for label in labels):
        return before
    first, second = (label or () for label in labels)
    return tuple((1 - part) * a + part * b for a, b in zip(first, second, strict=True))


def _weights(label: int | tuple[float, ...], c_dim: int) -> tuple[float, ...] | None:
    """None: a network with so many classes has no such one."""
    if isinstance(label, tuple):
        return label if len(label) == c_dim else None
    return soft_label({label: 1.0}, c_dim) if 0 <= label < c_dim else None
