"""Parts of the centre of the workspace Inspect."""
