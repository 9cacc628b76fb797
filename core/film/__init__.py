"""Films of a timeline: which frames, made where, written how. Imports no torch."""
