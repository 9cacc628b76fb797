"""What menus, keys and panels can do."""
