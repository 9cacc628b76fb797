"""Work that takes longer than a frame, and what becomes of it."""
