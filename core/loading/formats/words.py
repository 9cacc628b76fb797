"""The words in keys and prefixes that tell a generator from its averaged copy and from what is no generator."""

from __future__ import annotations

import re

from core.loading.common import policy

AVERAGED = frozenset(
    {"ema", "smooth", "smoothed", "shadow", "avg", "average", "averaged", "running", "test", "gs", "ge", "swa"}
)
GENERATOR = frozenset({"g", "gen", "generator", "synthesis", "decoder", "dec", "net", "model", "module", "gan"})
WHOLE = GENERATOR - {"synthesis", "decoder", "dec", "gan"}  # what is never but a part of a generator
TRAINING = frozenset(
    {"opt", "optim", "optims", "optimizer", "optimizers", "sched", "scheduler", "scaler", "callbacks"}
)
OTHER = TRAINING | {
    "d", "dis", "disc", "discriminator", "critic", "enc", "encoder", "loss", "vgg", "lpips", "perceptual", "arcface",
    "classifier", "inception", "augment",
}  # fmt: skip
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

# Ranks.
SMOOTHED, LIKELY, UNKNOWN, UNLIKELY = range(4)


def rank(*keys: str) -> int:
    """How likely a generator stands behind these keys, the best first: an averaged copy, a generator, perhaps one,
    something else."""
    words = words_of(*keys)
    if words & OTHER:
        return UNLIKELY
    return SMOOTHED if words & AVERAGED else LIKELY if words & GENERATOR else UNKNOWN


def words_of(*texts: str) -> set[str]:
    """In lower case: those of "netG_ema" are net, g and ema."""
    return {word.lower() for text in texts for word in WORD.findall(text[: policy.MAX_KEY])}
