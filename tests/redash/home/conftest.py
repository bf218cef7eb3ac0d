"""The small pack and its fake Redash."""

from __future__ import annotations

from tests.redash.sync.conftest import make_world, world

__all__ = ["make_world", "world"]
