"""Random numbers that depend on their seed alone: not on device, thread, tiling or step order.

They come from Philox (Salmon et al. 2011), a counter-based generator, on the CPU, and only its raw
bits are used, which numpy promises never to change.
"""

import numpy as np

LARGEST_SEED = 2**31 - 1


def generator(seed: int, *counters: int) -> np.random.Generator:
    """A generator for this seed and these counters, independent of all others."""
    # The length keeps (1,) and (1, 0) apart, which a seed sequence takes for the same.
    key = np.random.SeedSequence([len(counters), seed, *counters]).generate_state(2, np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def uniform(shape: tuple[int, ...], seed: int, *counters: int) -> np.ndarray:
    """Float64 in the open interval (0, 1)."""
    raw = generator(seed, *counters).bit_generator.random_raw(int(np.prod(shape)))
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5).reshape(shape) * 2.0**-52


def normal(shape: tuple[int, ...], seed: int, *counters: int) -> np.ndarray:
    """Standard normal float32 (Box & Muller 1958)."""
    u = uniform((2, *shape), seed, *counters)
    return (np.sqrt(-2 * np.log(u[0])) * np.cos(2 * np.pi * u[1])).astype(np.float32)
