"""Pickles read symbolically: records, storages and tensors. Nothing in them is imported or called."""
