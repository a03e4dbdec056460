"""Runs in `blender -b`, with the extension installed: a set is made, packed and saved; what came of it goes to $OUT."""

import json
import os
from pathlib import Path

import bpy

OUT = Path(os.environ["OUT"])
MODULE = "bl_ext.user_default.texgan"

bpy.ops.preferences.addon_enable(module=MODULE)
texgan = bpy.context.scene.texgan
texgan.model, texgan.layout_seed = "Bricks097", 3
texgan.width = texgan.height = 256
bpy.ops.texgan.generate()
bpy.ops.texgan.export(directory=str(OUT / "background"), overwrite=True)
images = [image for image in bpy.data.images if image.packed_file is not None and tuple(image.size) == (256, 256)]
files = list((OUT / "background").glob("*.png"))
found = {"blender -b: four maps in the file and in a folder": len(images) == len(files) == 4}
(OUT / "background.json").write_text(json.dumps(found), encoding="utf-8")
