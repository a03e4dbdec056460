"""The scenes that show materials, in low sunlight.

The demonstration has a ring and a slab. A ring is what a seamless texture is: closed both ways. The slab
behind shows two by two tiles. The gallery has a ball, whose surface is really displaced.
"""

import math

import bpy
import numpy as np
from mathutils import Vector

RING, TUBE = 0.95, 0.42
"""Radii of the ring and of its tube, in metres: 3 tiles around it and 1 around its tube are nearly square."""
SLAB = 3.2
"""Side of the slab, in metres."""


def build() -> list[bpy.types.Object]:
    """An empty file with light, floor and camera; returns what is to be textured, without material."""
    _stage()
    _camera((-0.6, -7.2, 2.1), (0.25, 0, 1.3))
    return [_ring(), _slab()]


def build_ball() -> bpy.types.Object:
    """The same with a ball, which two tiles reach around, seen from near."""
    _stage()
    _camera((-0.35, -3.5, 1.55), (0, 0, 0.98))
    # A grid, rolled up: Blender takes twenty seconds for a sphere of so many faces.
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=512, y_subdivisions=256, size=1)
    ball = bpy.context.object
    ball.name = "Ball"
    flat = np.empty(len(ball.data.vertices) * 3, np.float32)
    ball.data.vertices.foreach_get("co", flat)
    across, up, _ = flat.reshape(-1, 3).T * math.pi
    round_it = np.stack([np.sin(2 * across) * np.cos(up), -np.cos(2 * across) * np.cos(up), np.sin(up)], 1)
    ball.data.vertices.foreach_set("co", round_it.ravel())
    ball.data.shade_smooth()
    _scale_uvs(ball, 2, 1)
    ball.rotation_euler = (math.radians(18), 0, math.radians(12))
    ball.location = (0, 0, 1)
    return ball


def render(path: str, width: int = 960, height: int = 640, samples: int = 6) -> None:
    """Cycles on the processor; few samples, which its denoiser makes clean, as the textures guide it."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = True
    scene.cycles.denoising_prefilter = "FAST"
    scene.cycles.max_bounces = 2
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)


def _stage() -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    if bpy.context.scene.world is None:
        bpy.context.scene.world = bpy.data.worlds.new("World")
    _light()
    _floor()


def _ring() -> bpy.types.Object:
    bpy.ops.mesh.primitive_torus_add(
        major_radius=RING, minor_radius=TUBE, major_segments=384, minor_segments=128, generate_uvs=True
    )
    ring = bpy.context.object
    ring.name = "Ring"
    ring.data.shade_smooth()
    _scale_uvs(ring, 3, 1)
    ring.rotation_euler = (math.radians(76), 0, math.radians(20))
    ring.location = (-0.62, 0, RING + TUBE - 0.02)
    return ring


def _slab() -> bpy.types.Object:
    """A wall of 2 x 2 tiles."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=256, y_subdivisions=256, size=SLAB)
    slab = bpy.context.object
    slab.name = "Slab"
    slab.data.shade_smooth()
    _scale_uvs(slab, 2, 2)
    slab.rotation_euler = (math.radians(82), 0, math.radians(-22))
    slab.location = (1.35, 1.35, SLAB / 2)
    solid = slab.modifiers.new("Solid", "SOLIDIFY")
    solid.thickness, solid.offset = 0.22, -1
    return slab


def _scale_uvs(thing: bpy.types.Object, across: float, up: float) -> None:
    layer = thing.data.uv_layers.active.uv
    places = np.empty(len(layer) * 2, np.float32)
    layer.foreach_get("vector", places)
    layer.foreach_set("vector", (places.reshape(-1, 2) * np.array([across, up], np.float32)).ravel())


def _floor() -> None:
    """Plain ground that rises gently behind, so that no horizon shows."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=2, y_subdivisions=64, size=1)
    floor = bpy.context.object
    floor.name = "Floor"
    for vertex in floor.data.vertices:
        depth = vertex.co.y * 24
        vertex.co = (vertex.co.x * 60, depth, max(depth - 4, 0) ** 2 / 8)
    floor.data.shade_smooth()
    material = bpy.data.materials.new("Floor")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.47, 0.44, 0.40, 1)
    shader.inputs["Roughness"].default_value = 0.6
    floor.data.materials.append(material)


def _light() -> None:
    """A low, warm sun from the left and a cool sky."""
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle, sun.color = 4.5, math.radians(1.5), (1.0, 0.90, 0.77)
    holder = bpy.data.objects.new("Sun", sun)
    holder.rotation_euler = Vector((0.85, 0.62, -0.62)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(holder)
    world = bpy.context.scene.world
    world.use_nodes = True
    sky = world.node_tree.nodes["Background"]
    sky.inputs["Color"].default_value = (0.68, 0.79, 1.0, 1)
    sky.inputs["Strength"].default_value = 0.5


def _camera(place: tuple[float, float, float], target: tuple[float, float, float]) -> None:
    camera = bpy.data.cameras.new("Camera")
    camera.lens = 50
    holder = bpy.data.objects.new("Camera", camera)
    holder.location = place
    holder.rotation_euler = (Vector(target) - holder.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(holder)
    bpy.context.scene.camera = holder
