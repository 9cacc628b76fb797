"""Presets: applying, morphing, saving and sharing named sets of parameters."""
