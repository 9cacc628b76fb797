"""Seeds that chance chooses."""

from __future__ import annotations

import random

MAX_RANDOM_SEED = 10_000_000


def random_seed() -> int:
    return random.randrange(MAX_RANDOM_SEED)
