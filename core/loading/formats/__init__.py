"""The formats that checkpoints come in, read and written."""
