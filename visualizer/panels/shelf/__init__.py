"""What panels and views take of the shelf."""
