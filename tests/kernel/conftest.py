"""One real kernel for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live import Live, live_kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("kernel")) as live:
        answer = live.run("%load_ext rnnmagic")
        assert answer.status == "ok", answer.traceback
        assert answer.outputs == []
        yield live
