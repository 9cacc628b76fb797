"""What latents are called in a few words. Imports no torch."""

from __future__ import annotations

from core.request import SEEDS_PER_ROW, Codes, Latent, Mixture, SeedPoint, WVector, ZVector


def seed_at(point: SeedPoint) -> int:
    """The seed of the node nearest to a point, as rows show it."""
    return round(point.x) + SEEDS_PER_ROW * round(point.y)


def latent_words(latent: Latent, space: str = "w") -> str:
    """space: what an entry of ws holds, "w" or "z"."""
    match latent:
        case SeedPoint() as point:
            return f"Seed {seed_at(point)}"
        case ZVector():
            return "A z"
        case WVector(rows):
            return f"A {space}" if len(rows) == 1 else f"A {space}+"
        case Codes(rows, columns):
            return f"{rows} × {columns} codes"
        case Mixture(shares):
            most = sorted(shares, key=lambda share: -share.weight)[:2]
            return " – ".join(latent_words(share.latent, space) for share in shares if share in most)
