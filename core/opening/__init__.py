"""From what a user names to a network: files, downloads, demo networks, the cache."""
