"""The generators as torch modules, with parameters and buffers named as in the official checkpoints."""
