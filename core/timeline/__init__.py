"""What moves over time, as plain values: keys, clips, curves, and the request at a time. Imports no torch."""

from core.request import Space

from .clips import Circle, Clip, Generator, LatentWalk, NoiseLoop, Orbit, Pulse, RandomWalk
from .evaluate import request_at
from .targets import Group, Target, TargetKind, group_of, grouped, target_of, targets_of
from .timeline import (
    NO_TIMELINE,
    Between,
    Drive,
    Key,
    KeyValue,
    Marker,
    SoundTrack,
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
    "Group",
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
    "Target",
    "TargetKind",
    "Timeline",
    "Track",
    "group_of",
    "grouped",
    "request_at",
    "target_of",
    "targets_of",
]
