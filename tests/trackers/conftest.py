"""Servers in the place of trackers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tracker_server import TrackerServer


@pytest.fixture
def make_server() -> Iterator[Callable[[], TrackerServer]]:
    """Servers on this machine, stopped with the test."""
    running: list[TrackerServer] = []

    def make() -> TrackerServer:
        running.append(TrackerServer())
        return running[-1]

    yield make
    for server in running:
        server.stop()


@pytest.fixture
def server(make_server: Callable[[], TrackerServer]) -> TrackerServer:
    """A tracker's server."""
    return make_server()
