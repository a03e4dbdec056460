"""TexGAN in Blender: a panel and operators around `texgan_core`.

Who stands on whom, lowest first:

    errors      what the user is told            values       plain values between the threads
    jobs        a background thread              processes    other programs, followed to their end
    packages    what Python needs, and where     installer    gets it, with pip
    records     what a texture says of itself    child        a second Python, which learns
    models      which there are              finishing    maps as encoded pictures, and figures about them
    exporting   maps into a folder           lessons      learning from pictures
    engine      what texgan_core makes
    thumbnails  pictures in its menu             translations   other languages
    pump        a timer that polls the job       drawing      texts and progress
    preferences   the add-on's own
    settings    Scene.texgan                     history      Scene.texgan_history
    images      writes pictures into Blender     nodes        finds or builds the image nodes
    materials   a finished set into a material, which is remembered by id while it is made
    assets      materials for the Asset Browser  previews     what will come, in their image nodes
    variations  small pictures of other seeds    background   what starts a job
    operators   what buttons and scripts call    setup        the same, for installing and for the doctor
    improving   the same, for pictures that are there      again   the same, for what was made in the file
    learning    the same, for models of the user's own     keeping   renames and deletes those
    output      the same, for what is made       live         anew when settings change
    panels      what is seen                     menus          the same, for Blender's search

The first seven rows know nothing of Blender; they run in the background thread too.
"""

from types import ModuleType


def register() -> None:
    for room in _rooms():
        room.register()


def unregister() -> None:
    from . import models

    for room in reversed(_rooms()):
        room.unregister()
    models.forget_models()


def _rooms() -> tuple[ModuleType, ...]:
    """Those that have something to tell Blender, lowest first."""
    from . import (
        again,
        assets,
        history,
        improving,
        keeping,
        learning,
        live,
        menus,
        operators,
        output,
        panels,
        preferences,
        previews,
        pump,
        settings,
        setup,
        thumbnails,
        translations,
        variations,
    )

    return (
        *(translations, thumbnails, preferences, settings, history, assets, previews, variations),
        *(operators, improving, again, learning, keeping, setup, output, live, panels, menus, pump),
    )
