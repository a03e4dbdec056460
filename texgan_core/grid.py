"""How pixels are divided: into the cells of latents, and the samples of structures."""

STRIDE = 8
"""Pixels per latent cell, each way."""
STRUCTURE_PIXELS = 4
"""Pixels per sample of the structure, each way; the samples of a cell are channels of it."""
SAMPLES = STRIDE // STRUCTURE_PIXELS
"""Per cell, each way."""
