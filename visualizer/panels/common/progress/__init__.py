"""How far work is, as rows of a panel."""
