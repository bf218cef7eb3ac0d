"""A worker that does what the text of its order says: `die`, `hang`, `refuse`, `pour`, else 100 ms of a square wave.

`pour` hands over more audio than anybody waits for, a piece at a time.

Started with an argument it is broken from the start: `unready`, `dead` or `mute`.
"""

from __future__ import annotations

import os
import sys
import time
from typing import BinaryIO

from tts_app.engines.frames import encode_frame, read_frame

SAMPLES = 2205
PIECE_BYTES, PIECES, PACE_SECONDS = 1024 * 1024, 512, 0.01


def pour(out: BinaryIO) -> None:
    """Half a gigabyte in five seconds."""
    audio = encode_frame({"ok": True}, bytes(PIECE_BYTES * PIECES))
    for start in range(0, len(audio), PIECE_BYTES):
        out.write(audio[start : start + PIECE_BYTES])
        out.flush()
        time.sleep(PACE_SECONDS)


def main() -> None:
    """Speaks the frames of tts_app.engines.worker."""
    out = sys.stdout.buffer
    broken = sys.argv[1] if len(sys.argv) > 1 else ""
    if broken == "dead":
        sys.exit(3)
    if broken == "mute":
        sys.stdin.buffer.read()
        return
    out.write(encode_frame({"ready": not broken, "error": broken, "engine_version": "1.0", "sample_rate_hz": 22050}))
    out.flush()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        text = frame[0]["text"]
        if text == "die":
            os.abort()
        if text == "hang":
            sys.stdin.buffer.read()
            return
        if text == "pour":
            pour(out)
        header = {"ok": text != "refuse", "error": "ValueError", "stage_seconds": {"synth": 0.0}}
        header |= {"cpu_seconds": 0.0, "rss_bytes": 1}
        out.write(encode_frame(header, b"\0\x40" * SAMPLES if text != "refuse" else b""))
        out.flush()


if __name__ == "__main__":
    main()
