"""From tensors to what is seen: frames, channels, spectra, comparisons. Imports base and request."""
