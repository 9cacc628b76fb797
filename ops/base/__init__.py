"""What an operation is, for every backend: arguments, geometry, reference, choice. Imports nothing else of `ops`."""
