"""StyleGAN2 as other programs store it."""
