"""For those who work on TexGAN, not part of the extension: its zip file, and the demonstration."""
