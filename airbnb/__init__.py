"""The project package: composition root at the top, shared kernel at the bottom."""
