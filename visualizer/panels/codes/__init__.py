"""Codes of networks that have a codebook: a grid that is painted, a palette."""
