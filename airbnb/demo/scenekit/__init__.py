"""The drawing kit: a canvas and the things scenes are made of. Pillow only."""
