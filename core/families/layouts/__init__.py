"""Families as other programs write them: their names of tensors and of settings."""
