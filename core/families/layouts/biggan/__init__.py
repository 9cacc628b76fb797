"""BigGAN as other programs store it."""
