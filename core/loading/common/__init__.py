"""What a checkpoint is, what its reader may take, and files that belong to it."""
