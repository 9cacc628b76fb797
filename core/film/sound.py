"""What is heard in a film: a part of the timeline's sound. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from core.audio import read_blocks
from core.base.paths import path_of
from core.film.film import Film
from core.video.sound import RATE, Blocks, Samples


def film_sound(film: Film) -> Blocks | None:
    """Its samples, from its first frame to the end of its last; None without a sound.

    The first block is read at once, so that a file that cannot be heard is told before a frame is made: UsageError.
    """
    sound = film.timeline.sound
    if sound is None or not film.sound:
        return None
    start_s = float(film.start_s) - sound.offset_s
    length_s = float(film.frames / film.rate)
    gain = 10 ** (sound.gain_db / 20)
    blocks = read_blocks(path_of(sound.path), start_s, start_s + length_s, rate=RATE)
    first = next(blocks, None)
    return None if first is None else _louder(chain([first], blocks), gain)


def _louder(blocks: Iterator[Samples], gain: float) -> Blocks:
    for block in blocks:
        yield block if gain == 1 else (block * gain).clip(-1, 1).astype("float32")
