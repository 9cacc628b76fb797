"""What families have in common: descriptions, names of tensors, writing."""
