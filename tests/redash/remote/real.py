"""Where a real Redash is, if somebody says so by REDASH_URL and REDASH_API_KEY."""

from __future__ import annotations

import pytest

REAL_REDASH = pytest.StashKey[tuple[str, str] | None]()
"""Address and key; None: the fake one alone."""
