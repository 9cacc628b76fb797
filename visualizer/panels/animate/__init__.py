"""Panels of the workspace Animate."""
