"""ProGAN as other programs store it."""
