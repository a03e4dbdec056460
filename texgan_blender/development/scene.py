"""The demonstration's scene: a ring and a wall of the same material in low sunlight.

A ring is what a seamless texture is: closed both ways. The wall behind shows two tiles by one.
"""

import math

import bpy
from mathutils import Vector

TILE = 2.0
"""Metres that one tile of the texture covers."""
RING, TUBE = 0.95, 0.42
"""Radii of the ring and of its tube, in metres; 3 tiles around and 1 along the tube keep bricks square."""


def build() -> list[bpy.types.Object]:
    """An empty file with light, floor and camera; returns what is to be textured, without material."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    if bpy.context.scene.world is None:
        bpy.context.scene.world = bpy.data.worlds.new("World")
    _light()
    _floor()
    _camera()
    return [_ring(), _wall()]


def render(path: str, width: int = 960, height: int = 640, samples: int = 24) -> None:
    """Cycles on the processor, denoised."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.cycles.max_bounces = 4
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)


def _ring() -> bpy.types.Object:
    bpy.ops.mesh.primitive_torus_add(
        major_radius=RING, minor_radius=TUBE, major_segments=512, minor_segments=192, generate_uvs=True
    )
    ring = bpy.context.object
    ring.name = "Ring"
    ring.data.shade_smooth()
    _scale_uvs(ring, 3, 1)
    ring.rotation_euler = (math.radians(78), 0, math.radians(-24))
    ring.location = (0.25, -0.35, RING + TUBE - 0.02)
    return ring


def _wall() -> bpy.types.Object:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=512, y_subdivisions=256, size=1)
    wall = bpy.context.object
    wall.name = "Wall"
    wall.scale = (TILE * 4, TILE * 2, 1)
    wall.rotation_euler = (math.radians(90), 0, 0)
    wall.location = (0, 1.6, TILE)
    bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    wall.data.shade_smooth()
    _scale_uvs(wall, 4, 2)
    return wall


def _scale_uvs(thing: bpy.types.Object, across: float, up: float) -> None:
    for corner in thing.data.uv_layers.active.data:
        corner.uv = (corner.uv[0] * across, corner.uv[1] * up)


def _floor() -> None:
    bpy.ops.mesh.primitive_plane_add(size=60)
    floor = bpy.context.object
    floor.name = "Floor"
    material = bpy.data.materials.new("Floor")
    if not getattr(material, "use_nodes", True):
        material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.30, 0.29, 0.28, 1)
    shader.inputs["Roughness"].default_value = 0.45
    floor.data.materials.append(material)


def _light() -> None:
    """A low, warm sun from the left and a cool sky."""
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle, sun.color = 4.5, math.radians(1.5), (1.0, 0.90, 0.77)
    holder = bpy.data.objects.new("Sun", sun)
    holder.rotation_euler = Vector((0.85, 0.62, -0.62)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(holder)
    world = bpy.context.scene.world
    if not getattr(world, "use_nodes", True):
        world.use_nodes = True
    sky = world.node_tree.nodes["Background"]
    sky.inputs["Color"].default_value = (0.55, 0.70, 1.0, 1)
    sky.inputs["Strength"].default_value = 0.55


def _camera() -> None:
    camera = bpy.data.cameras.new("Camera")
    camera.lens = 50
    holder = bpy.data.objects.new("Camera", camera)
    holder.location = (-0.9, -6.6, 1.75)
    holder.rotation_euler = (Vector((0.05, 0, 1.28)) - holder.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(holder)
    bpy.context.scene.camera = holder
