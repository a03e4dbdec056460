"""The Blender extension's entry: Blender imports this folder as a package and calls the two functions below."""


def register() -> None:
    from . import texgan_blender

    texgan_blender.register()


def unregister() -> None:
    from . import texgan_blender

    texgan_blender.unregister()
