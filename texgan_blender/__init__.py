"""TexGAN in Blender: a panel and operators around `texgan_core`.

Who stands on whom, lowest first:

    jobs        one background thread            errors       what the user is told
    engine      the only way to texgan_core
    settings    Scene.texgan                     preferences  the add-on's own
    thumbnails  pictures in its menu
    images      writes pictures into Blender     nodes        finds or builds the image nodes
    materials   a finished set into a material, which is remembered by id while it is made
    pump        a timer that polls the job       operators    what buttons and scripts call
    panels      what is seen

The first two rows know nothing of Blender; they run in the background thread too.
"""


def register() -> None:
    from . import operators, panels, preferences, pump, settings, thumbnails

    for room in (thumbnails, preferences, settings, operators, panels, pump):
        room.register()


def unregister() -> None:
    from . import engine, operators, panels, preferences, pump, settings, thumbnails

    for room in (pump, panels, operators, settings, preferences, thumbnails):
        room.unregister()
    engine.forget_models()
