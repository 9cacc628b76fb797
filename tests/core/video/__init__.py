"""Tests of the files of films."""
