"""The families of networks, one file each: what a file of one is, and building it."""
