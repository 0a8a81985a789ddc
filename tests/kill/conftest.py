"""These take minutes: they run when `-m kill` asks for them (`make kill`), and never otherwise."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "kill" in config.option.markexpr:
        return
    left_out = [item for item in items if HERE in item.path.parents]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
