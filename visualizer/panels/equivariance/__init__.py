"""The transform of StyleGAN3, and how well pictures follow it."""
