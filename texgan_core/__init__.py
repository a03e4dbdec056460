"""TexGAN's core: trains and runs the networks; knows neither Blender nor the command line."""

__version__ = "0.1.0"
