"""Names and numbers that belong to the definitions of the operations."""

from __future__ import annotations

ACTIVATIONS = ("linear", "relu", "lrelu", "tanh", "sigmoid", "elu", "selu", "softplus", "swish")
LRELU_SLOPE = 0.2

EPSILON = 1e-8  # of demodulation
