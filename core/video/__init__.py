"""Films as files: formats, encoders, sound, what they will weigh. Imports no torch."""
