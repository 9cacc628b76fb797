"""What windows keep by themselves of what is done in them: files, and the thread that writes them."""
