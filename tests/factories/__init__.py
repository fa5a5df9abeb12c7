"""Factories of valid rows; states are reached by calling services."""
