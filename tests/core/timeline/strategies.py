"""Random timelines for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from core.request import ModelInfo, SeedPoint
from core.timeline import Between, Key, Tangent, Timeline, Track
from core.timeline.editing import in_order

PATHS = ("truncation.psi", "noise.strength", "layers[2].noise", "transform.rotate", "truncation.cutoff")
INFO = ModelInfo("StyleGAN2", "skip", 32, 32, 3, 16, 16, 0, 8, tuple(f"layer {i}" for i in range(8)), has_noise=True,
                 noise_ws=tuple(range(8)), has_transform=True)  # fmt: skip

values = st.floats(-2, 2, allow_subnormal=False)
times = st.integers(0, 240).map(lambda frame: frame / 24)
tangents = st.none() | st.builds(Tangent, st.floats(-3, 3), values)
numbers = st.builds(Key, times, values, st.sampled_from(Between), tangents, tangents)
latents = st.builds(Key, times, st.builds(SeedPoint, st.integers(0, 9).map(float)), st.sampled_from(Between))


def tracks(path: str, keys: st.SearchStrategy[Key] = numbers) -> st.SearchStrategy[Track]:
    """With at least one key, in order."""
    return st.lists(keys, min_size=1, max_size=8).map(lambda found: Track(path, in_order(found)))


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True))
    return Timeline(tuple(draw(tracks(path)) for path in paths), loop=draw(st.booleans()))
