"""Panels that show what layers make."""
