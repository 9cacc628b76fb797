"""From what begins when to the tempo and to the beats (Ellis 2007, "Beat tracking by dynamic programming")."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.audio.onsets import Flux

SLOWEST_BPM, FASTEST_BPM = 30.0, 300.0  # that are looked for
USUAL_BPM, OCTAVES = 120.0, 0.9  # the tempo that people tap to most things, and how far they stray from it
MULTIPLES = 4  # of a period, which have to fit as well
FARTHEST = 16  # periods over which the length of one is measured
LOCAL_S = 1.0  # a strength is relative to the mean around it
TIGHTNESS = 100.0  # how much a beat dislikes to come early or late
TINY = 1e-12  # of a deviation
WEAK = 0.5  # of the usual strength of a beat; weaker ones at the ends are none

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def accents(flux: Flux) -> Doubles:
    """How much begins at each moment beyond what always does; what is low counts as much as everything together."""
    return _relative(flux.values, flux.hop_s) + _relative(flux.bass, flux.hop_s)


def tempo(strengths: Doubles, hop_s: float) -> tuple[float, float]:
    """Beats a minute and how far the sound repeats itself after one, 0 to 1; both 0 if it does not at all.

    strengths: [N], how much begins, every hop_s seconds; see `accents`.
    """
    repeats = _autocorrelation(strengths)
    first, last = round(60 / FASTEST_BPM / hop_s), min(round(60 / SLOWEST_BPM / hop_s), len(repeats) // 2)
    if last <= first + 2:
        return 0.0, 0.0
    lags = np.arange(first, last + 1)
    octaves = np.log2(60 / (lags * hop_s) / USUAL_BPM)
    usual = np.exp(-0.5 * (octaves / OCTAVES) ** 2)
    likely = _combed(repeats, lags) * usual
    inner = likely[1:-1]
    tops = 1 + np.flatnonzero((inner >= likely[:-2]) & (inner >= likely[2:]) & (inner > 0))
    if not len(tops):
        return 0.0, 0.0
    top = tops[np.argmax(likely[tops])]
    bpm = 60 / (_refined(repeats, int(lags[top])) * hop_s)
    return bpm, float(min(1.0, likely[top] / usual[top]))


def beats(strengths: Doubles, hop_s: float, bpm: float) -> Doubles:
    """The moments of the beats in seconds, about as far apart as a tempo says and where much begins."""
    values = strengths / max(float(strengths.std()), TINY)
    period = 60 / bpm / hop_s  # hops
    near, far = max(1, round(period / 2)), round(2 * period)
    costs = -TIGHTNESS * np.log(np.arange(far, near - 1, -1) / period) ** 2  # of the beat before, the farthest first
    scores = np.zeros(far + len(values))  # of the best series of beats up to a moment; before the sound there are none
    before = np.zeros(len(values), np.intp)
    reach = far - near + 1
    for begin in range(0, len(values), near):  # no beat has the one before it in the same stretch
        end = min(begin + near, len(values))
        # scores[far + t - lag] for lag = far ... near
        earlier = np.lib.stride_tricks.sliding_window_view(scores[begin : end - 1 + reach], reach) + costs
        best = earlier.argmax(1)
        rows = np.arange(end - begin)
        gain = earlier[rows, best]
        scores[far + begin : far + end] = values[begin:end] + gain
        before[begin:end] = rows + begin - far + best
    last = min(len(values), round(period))
    series = [len(values) - last + int(np.argmax(scores[-last:]))]
    while before[series[-1]] >= 0:
        series.append(int(before[series[-1]]))
    found = _trimmed(np.array(series[::-1]), values)
    return found.astype(np.float64) * hop_s


def _relative(strengths: Floats, hop_s: float) -> Doubles:
    """What rises above the mean around it, in units of its deviation."""
    reach = max(1, round(LOCAL_S / 2 / hop_s))
    sums = np.concatenate([[0.0], np.cumsum(strengths, dtype=np.float64)])
    at = np.arange(len(strengths))
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(strengths))
    above = np.maximum(strengths - (sums[high] - sums[low]) / (high - low), 0)
    return np.asarray(above / max(float(above.std()), TINY), np.float64)


def _autocorrelation(values: Doubles) -> Doubles:
    """[N] -> [N], 1 at 0"""
    centred = values - values.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.fft.rfft(centred, size)
    found = np.fft.irfft(np.abs(spectrum) ** 2, size)[: len(values)]
    whole = found * len(values) / np.arange(len(values), 0, -1)  # as if none had fallen off the end
    return whole / whole[0] if whole[0] > 0 else np.zeros(len(values))


def _combed(repeats: Doubles, lags: npt.NDArray[np.intp]) -> Doubles:
    """How far the sound repeats itself after each lag and its multiples: a beat and a half fits, but not its double."""
    known = repeats[: len(repeats) // 2]  # farther, too little is left to compare
    sums, counts = np.zeros(len(lags)), np.zeros(len(lags))
    for multiple in range(1, MULTIPLES + 1):
        reach = multiple // 2  # a lag is rounded, and its multiples so much more
        places = multiple * lags[:, None] + np.arange(-reach, reach + 1)
        inside = places[:, -1] < len(known)
        sums[inside] += known[places[inside]].max(1)
        counts[inside] += 1
    return sums / np.maximum(counts, 1)


def _refined(repeats: Doubles, lag: int) -> float:
    """A lag in parts of a hop, from its multiples."""
    exact, multiple = _top(repeats, lag), 1
    while multiple < FARTHEST and 2 * multiple * exact + 2 < len(repeats) / 2:
        guess = round(2 * multiple * exact)
        window = repeats[guess - 2 : guess + 3]
        top = guess - 2 + int(np.argmax(window))
        if not guess - 2 < top < guess + 2 or repeats[top] < repeats[lag] / 2:
            break
        multiple *= 2
        exact = _top(repeats, top) / multiple
    return exact


def _top(values: Doubles, at: int) -> float:
    """Where the parabola through a value and its neighbours is highest."""
    left, middle, right = values[at - 1 : at + 2]
    bend = left - 2 * middle + right
    return at + (float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0)


def _trimmed(found: npt.NDArray[np.intp], values: Doubles) -> npt.NDArray[np.intp]:
    """Without the weak beats at both ends."""
    padded = np.pad(values, 2)
    strengths = np.max([padded[found + shift] for shift in range(5)], axis=0)
    strong = np.flatnonzero(strengths >= WEAK * np.sqrt((strengths**2).mean()))
    return found[strong[0] : strong[-1] + 1] if len(strong) else found[:0]
