"""The sections of the docks: one file or folder each."""
