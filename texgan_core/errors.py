"""Everything that can go wrong by the user's input, as named errors with one sentence each.

Callers catch `TexganError` in one place and show its message: it says what is wrong and
what to do about it.
"""


class TexganError(Exception):
    """Base of all errors that TexGAN raises on purpose."""


class RequestError(TexganError):
    """A generation request that cannot be met: size, maps, seeds."""


class ModelFileError(TexganError):
    """A model file that is missing, damaged, foreign, or from another version."""


class UnknownModelError(TexganError):
    """A model name that is neither bundled nor a file."""


class ImageError(TexganError):
    """A picture or material folder that cannot be used."""


class DeviceError(TexganError):
    """A compute device that is absent or has run out of memory."""


class TrainingError(TexganError):
    """Training that cannot start or go on: settings, checkpoint, divergence."""


class Cancelled(TexganError):
    """The caller asked to stop."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")
