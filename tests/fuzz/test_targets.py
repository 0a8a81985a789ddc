"""The properties that `make fuzz` tries on mutations hold for the seeds, and for what it once found."""

from importlib import import_module

import pytest

from tests.fuzz.targets import TARGETS

SEEDS = [(name, seed) for name in TARGETS for seed in import_module(f"tests.fuzz.{name}").SEEDS]


@pytest.mark.parametrize(("name", "seed"), SEEDS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(SEEDS)])
def test_a_seed_has_the_properties(name: str, seed: bytes) -> None:
    import_module(f"tests.fuzz.{name}").check(seed)
