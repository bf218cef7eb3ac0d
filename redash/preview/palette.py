"""The colours of the data; those of text, grid and background are left to the page, which knows its light."""

from __future__ import annotations

#: Distinct also for those who don't see red or green, and readable on white and on near-black.
PALETTE = ("#2F7FB8", "#D99A2B", "#2E9B74", "#C8483F", "#8A5BA6", "#5AA9C9", "#B0793F", "#8C95A0", "#D07A9E", "#7C9A3C")
# From the page's background through a pale to a deep blue: light is few, dark is many.
SCALE = [[0.0, "#E8F1F8"], [0.25, "#B5D5EA"], [0.5, "#74AFD6"], [0.75, "#2F7FB8"], [1.0, "#123F6B"]]
