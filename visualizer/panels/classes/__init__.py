"""Rows that choose a class and mix it with another one."""
