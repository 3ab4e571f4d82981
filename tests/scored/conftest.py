"""The cases take minutes in a process of their own: longer than a test may otherwise."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "scored" in item.path.parts:
            item.add_marker(pytest.mark.timeout(2400))
