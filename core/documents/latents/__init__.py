"""Latents, labels, codes and centroids in files of all kinds: read symbolically, chosen by names and shapes."""
