"""DCGAN as other programs store it."""
