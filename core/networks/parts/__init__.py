"""What the networks are built of: layers, blocks, configurations."""
