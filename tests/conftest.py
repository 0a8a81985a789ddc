"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# No test is a measurement: on a busy machine an example may take long, and that proves nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ON_REQUEST = {"kill", "kill_mail", "soak"}
"""Marks of tests that take minutes: they run when `-m` names them (`make kill` and so on), and never otherwise."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unasked = {mark for mark in ON_REQUEST if mark not in config.option.markexpr}
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unasked)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
