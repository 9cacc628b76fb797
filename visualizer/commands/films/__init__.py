"""Films on the command line: options, and making them."""
