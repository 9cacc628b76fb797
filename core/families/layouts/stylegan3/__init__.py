"""StyleGAN3 as other programs store it."""
