"""Measurements and long trials, one command each; none of them is a test, and none is imported by the site."""
