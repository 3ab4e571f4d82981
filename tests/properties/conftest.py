"""Hundreds of notebooks take longer than a test may otherwise."""

import pytest
from amount import TOTAL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "properties" in item.path.parts:
            item.add_marker(pytest.mark.timeout(600 + 30 * TOTAL))
