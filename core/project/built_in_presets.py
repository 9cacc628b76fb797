"""The presets that come with the program, as data. Imports no torch."""

from __future__ import annotations

from core.project.project import Part, Preset
from core.request import NoiseMode, Show

BUILT_IN = (
    Preset("No noise", (Part("noise.mode", NoiseMode.NONE),)),
    Preset("Noise as trained", (Part("noise.mode", NoiseMode.CONST), Part("noise.strength", 1.0))),
    Preset("Truncated 0.7", (Part("truncation.psi", 0.7), Part("truncation.cutoff", None))),
    Preset("Coarse truncated 0.7", (Part("truncation.psi", 0.7), Part("truncation.cutoff", 8))),
    Preset("Average", (Part("truncation.psi", 0.0), Part("truncation.cutoff", None))),
    Preset("Coarse from source", (
        Part("sources[0].on", True), Part("sources[0].fraction", 1.0),
        Part("sources[0].parts[:]", 0.0), Part("sources[0].parts[:4]", 1.0),
    )),
    Preset("Fine from source", (
        Part("sources[0].on", True), Part("sources[0].fraction", 1.0),
        Part("sources[0].parts[:]", 1.0), Part("sources[0].parts[:4]", 0.0),
    )),
    Preset("Blend fine layers", (
        Part("blends[0].weights[:]", 1.0), Part("blends[0].weights[:4]", 0.0),
    )),
    Preset("Restless", (Part("layers[:].jitter", 0.3),)),
    Preset("Upright", (Part("transform", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)),)),
    Preset("Plain light", (Part("view.exposure", 0.0), Part("view.contrast", 1.0))),
    Preset("Components of layers", (Part("view.show", Show.PCA), Part("view.auto_range", True))),
)  # fmt: skip
