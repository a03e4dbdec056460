"""The networks keep to a torus, in both forms of every block."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.tiny import TINY, TINY_GENERATOR
from texgan_core.classic import ClassicDiscriminator, ClassicGenerator, ClassicTilingGenerator, noise_shape
from texgan_core.codec import HALO, Codec, Decoder
from texgan_core.decode import decode_tiles, take
from texgan_core.discriminator import PatchDiscriminator
from texgan_core.dream import HALO as DREAM_HALO
from texgan_core.dream import dream
from texgan_core.errors import Cancelled
from texgan_core.generator import LATTICES, STRUCTURE, LatentGenerator, noise_lattices, normalize_style, structure_of
from texgan_core.guides import Guide
from texgan_core.layers import normalize_cells
from texgan_core.maps import CHANNELS, MAPS


@pytest.fixture(scope="module")
def decoders() -> tuple[Decoder, Decoder]:
    torch.manual_seed(0)
    circular = Decoder(TINY).eval().requires_grad_(False)
    for parameter in circular.parameters():
        parameter.add_(0.05 * torch.randn_like(parameter))
    valid = Decoder(TINY, padding="valid").eval().requires_grad_(False)
    valid.load_state_dict(circular.state_dict())
    return circular, valid


def latent(rows: int, columns: int) -> torch.Tensor:
    z = torch.randn(1, TINY.latent_channels, rows, columns, generator=torch.Generator().manual_seed(1))
    return normalize_cells(z)


def test_decoder_rolls_with_its_input(decoders: tuple[Decoder, Decoder]) -> None:
    z = latent(12, 16)
    rolled = decoders[0](z.roll((3, 5), (2, 3)))
    assert (rolled - decoders[0](z).roll((24, 40), (2, 3))).abs().max() < 1e-5


def test_wrapping_once_equals_wrapping_in_every_layer(decoders: tuple[Decoder, Decoder]) -> None:
    z = latent(12, 16)
    wrapped = take(z[0], -HALO, -HALO, 12 + 2 * HALO, 16 + 2 * HALO)[None]
    assert (decoders[1](wrapped) - decoders[0](z)).abs().max() < 1e-5


@pytest.mark.parametrize("tile", [(5, 7), (64, 64), (1, 16)])
def test_tiles_equal_the_whole(decoders: tuple[Decoder, Decoder], tile: tuple[int, int]) -> None:
    z = latent(12, 16)
    whole = decoders[0](z)[0].numpy()
    joined = np.full_like(whole, np.nan)
    for part in decode_tiles(decoders[1], z[0].numpy(), tile):
        height, width = part.stack.shape[1:]
        joined[:, part.row : part.row + height, part.column : part.column + width] = part.stack
    np.testing.assert_allclose(joined, whole, atol=1e-5)
    assert part.done == 1.0


@pytest.mark.parametrize("first", [(0, 3), (11, 29), (95, 0)])
def test_the_picture_of_a_torus_begins_at_any_pixel(decoders: tuple[Decoder, Decoder], first: tuple[int, int]) -> None:
    z = latent(12, 16)
    whole = decoders[0](z)[0].numpy()
    joined = np.full_like(whole, np.nan)
    for part in decode_tiles(decoders[1], z[0].numpy(), (5, 7), first):
        height, width = part.stack.shape[1:]
        joined[:, part.row : part.row + height, part.column : part.column + width] = part.stack
    np.testing.assert_allclose(joined, np.roll(whole, (-first[0], -first[1]), (1, 2)), atol=1e-5)


def test_a_torus_smaller_than_the_halo_still_decodes(decoders: tuple[Decoder, Decoder]) -> None:
    z = latent(3, 4)
    (part,) = decode_tiles(decoders[1], z[0].numpy())
    np.testing.assert_allclose(part.stack, decoders[0](z)[0].numpy(), atol=1e-5)


def test_encoder_rolls_by_cells_and_ignores_what_is_not_given() -> None:
    torch.manual_seed(0)
    encoder = Codec(TINY).encoder.eval().requires_grad_(False)
    encoder.body[-1].weight.mul_(100)
    stack = torch.rand(1, CHANNELS, 64, 48) * 2 - 1
    known = torch.ones(1, len(MAPS))
    z = encoder(stack, known)
    assert z.shape == (1, TINY.latent_channels, 8, 6)
    torch.testing.assert_close(z.square().mean(1), torch.ones(1, 8, 6), atol=1e-2, rtol=0)
    torch.testing.assert_close(encoder(stack.roll((16, 8), (2, 3)), known), z.roll((2, 1), (2, 3)), atol=1e-5, rtol=0)

    color_only = torch.zeros(1, len(MAPS))
    color_only[0, 0] = 1
    other = stack.clone()
    other[:, MAPS["normal"].span] = 0.3
    torch.testing.assert_close(encoder(stack, color_only), encoder(other, color_only))
    assert (encoder(stack, color_only) - z).abs().max() > 1e-3


def test_latent_generator_rolls_by_four_cells_and_follows_its_style() -> None:
    torch.manual_seed(0)
    generator = LatentGenerator(TINY_GENERATOR).eval().requires_grad_(False)
    lattices = [torch.from_numpy(a) for a in noise_lattices(5, (16, 24), TINY_GENERATOR.noise_channels)]
    style = torch.randn(1, TINY_GENERATOR.style_size)
    z = generator(lattices, style)
    assert z.shape == (1, 8, 16, 24)
    rolled = generator([a.roll((1 * k, 2 * k), (2, 3)) for a, k in zip(lattices, (1, 2, 4, 4), strict=True)], style)
    torch.testing.assert_close(rolled, z.roll((4, 8), (2, 3)), atol=1e-5, rtol=0)
    assert (generator(lattices, -style) - z).abs().max() > 1e-3
    torch.testing.assert_close(generator(lattices, style, style), z)
    assert (generator(lattices, style, -style) - generator(lattices, -style)).abs().max() > 1e-3


def test_a_torus_made_in_windows_is_the_torus_made_at_once() -> None:
    torch.manual_seed(0)
    generator = LatentGenerator(TINY_GENERATOR).eval().requires_grad_(False)
    style = np.ones(TINY_GENERATOR.style_size, np.float32)
    told: list[float] = []

    def make(window: int) -> np.ndarray:
        return dream(
            generator, style, style, (140, 88), 3, guide, lambda share, text: told.append(share), window=window
        )

    guide = None
    np.testing.assert_allclose(make(100), make(256), atol=1e-5)
    guide = Guide("cobbles", 4, 6).values((140, 88))
    np.testing.assert_allclose(make(100), make(256), atol=1e-5)
    assert len(told) == 2 * (7 + 1)
    with pytest.raises(Cancelled):
        dream(generator, style, style, (16, 16), 3, is_cancelled=lambda: True)


@pytest.mark.parametrize("cell", [60, 63])
def test_a_cell_depends_on_no_noise_beyond_the_halo(cell: int) -> None:
    torch.manual_seed(0)
    generator = LatentGenerator(TINY_GENERATOR)
    lattices = [
        torch.from_numpy(a).requires_grad_() for a in noise_lattices(5, (120, 8), TINY_GENERATOR.noise_channels)
    ]
    generator(lattices, torch.ones(1, TINY_GENERATOR.style_size))[0, :, cell].sum().backward()
    for lattice, pitch in zip(lattices, LATTICES, strict=True):
        assert lattice.grad is not None
        places = lattice.grad.abs().sum((0, 1, 3)).nonzero()[:, 0]
        first, last = int(places[0]) * pitch, int(places[-1]) * pitch + pitch - 1
        assert cell // 4 * 4 - DREAM_HALO <= first < cell < last <= cell // 4 * 4 + 3 + DREAM_HALO


def test_codes_start_as_the_given_cells_of_each_style() -> None:
    torch.manual_seed(0)
    generator = LatentGenerator(TINY_GENERATOR).requires_grad_(False)
    cells = torch.randn(3, 5, 8)
    generator.start_codes(cells)
    style = normalize_style(generator.styles.weight)
    codes = generator.detail.codes(style / TINY_GENERATOR.style_size).unflatten(1, (5, 8))
    torch.testing.assert_close(codes, cells, atol=1e-4, rtol=0)


def test_structure_is_four_samples_a_cell_of_colour_and_height_and_knows_no_contrast() -> None:
    stack = torch.rand(CHANNELS, 32, 48, generator=torch.Generator().manual_seed(0))
    structure = structure_of(stack)
    assert structure.shape == (STRUCTURE, 4, 6)
    samples = F.pixel_shuffle(structure, 2)
    torch.testing.assert_close(samples.mean((1, 2)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(samples.std((1, 2)), torch.ones(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(structure_of(stack * 0.5 + 0.2), structure, atol=1e-3, rtol=0)
    stack[MAPS["roughness"].span] = 0
    torch.testing.assert_close(structure_of(stack), structure)


def test_classic_makes_64_pixels_and_its_sibling_a_torus_of_any_size() -> None:
    torch.manual_seed(0)
    noise = torch.randn(noise_shape(False, 2))
    assert ClassicGenerator().eval()(noise).shape == (2, 3, 64, 64)
    tiling = ClassicTilingGenerator().eval()
    grid = torch.randn(noise_shape(True, 1, (5, 9)))
    colors = tiling(grid)
    assert colors.shape == (1, 3, 40, 72)
    rolled = tiling(grid.roll((2, 3), (2, 3)))
    torch.testing.assert_close(rolled, colors.roll((16, 24), (2, 3)), atol=1e-5, rtol=0)
    assert ClassicDiscriminator().eval()(torch.zeros(2, 3, 64, 64)).shape == (2,)


def test_discriminator_tells_styles_apart() -> None:
    torch.manual_seed(0)
    critic = PatchDiscriminator(4, (8, 12), styles=2)
    x = torch.randn(1, 4, 32, 32)
    first, second = critic(x, torch.tensor([0])), critic(x, torch.tensor([1]))
    assert first.shape == (1,)
    assert (first - second).abs().item() > 1e-6
