"""What an engine prints: read so that it never blocks, and kept to ourselves, since some print the text that they speak.

Only lines of a few known forms, without a word of anybody's choice in them, go on to the operator, each once a process.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

HARMLESS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:>> )?(?:Use|Using|use) device:? ?(?:cpu|mps|(?:cuda|xpu)(?::\d{1,2})?)",
        r">> Be patient, it may take a while to run in CPU mode\.",
        r">> (?:TextNormalizer|bpe model|GPT weights|DeepSpeed|vocoder|s2mel|bigvgan weights) (?:loaded|restored)\.?",
        r"(?:>> )?(?:torch|torchaudio|transformers|CUDA|numpy|onnxruntime)(?: version)?:? ?v?\d+(?:\.\d+){1,3}(?:\+(?:cpu|cu\d{2,3}))?",
        r"(?:>> )?(?:model )?load(?:ed)?(?:ing)?(?: time| in)?:? ?\d+(?:\.\d+)? ?(?:s|sec|seconds)",
    )
)
MAX_LINE_BYTES = 200
CHUNK_BYTES = 64 * 1024


class Prints:
    """Drains one stream of a worker process.

    Args:
        tell: gets a harmless line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.dropped = 0
        self._tell = tell
        self._told: set[str] = set()

    async def drain(self, stream: asyncio.StreamReader) -> None:
        """Reads until the stream ends; a line is only ever looked at if it is short."""
        rest = b""
        while data := await stream.read(CHUNK_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._take(line)
            if len(rest) > MAX_LINE_BYTES:
                # The end of a line that is too long must not pass for a line of its own.
                rest = rest[:1] + b"\0" * MAX_LINE_BYTES
        self._take(rest)

    def _take(self, line: bytes) -> None:
        text = line.strip().decode("ascii", "replace") if len(line) <= MAX_LINE_BYTES else ""
        if text in self._told or not text:
            return
        if any(pattern.fullmatch(text) for pattern in HARMLESS):
            self._told.add(text)
            self._tell(text)
        else:
            self.dropped += 1
