"""Tests of the rooms context."""
