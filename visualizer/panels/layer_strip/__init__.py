"""The layer strip: a table of what is changed at each layer."""
