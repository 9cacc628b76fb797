"""What moves over time, as plain values: keys, clips, curves, and the request at a time. Imports no torch."""

from .clips import Circle, Clip, Generator, LatentWalk, NoiseLoop, Orbit, Pulse, RandomWalk
from .evaluate import request_at
from .timeline import (
    NO_TIMELINE,
    Between,
    Drive,
    Key,
    KeyValue,
    Marker,
    SoundTrack,
    Space,
    Tangent,
    Timeline,
    Track,
)

__all__ = [
    "NO_TIMELINE",
    "Between",
    "Circle",
    "Clip",
    "Drive",
    "Generator",
    "Key",
    "KeyValue",
    "LatentWalk",
    "Marker",
    "NoiseLoop",
    "Orbit",
    "Pulse",
    "RandomWalk",
    "SoundTrack",
    "Space",
    "Tangent",
    "Timeline",
    "Track",
    "request_at",
]
