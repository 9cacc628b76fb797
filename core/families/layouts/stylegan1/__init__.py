"""StyleGAN1 as other programs store it."""
