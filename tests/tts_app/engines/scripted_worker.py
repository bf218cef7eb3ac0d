"""A worker that does what the text of its order says: `die`, `hang`, `refuse`, else 100 ms of a square wave.

Started with an argument it is broken from the start: `unready`, `dead` or `mute`.
"""

from __future__ import annotations

import os
import sys

from tts_app.engines.frames import encode_frame, read_frame

SAMPLES = 2205


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
        header = {"ok": text != "refuse", "error": "ValueError", "stage_seconds": {"synth": 0.0}}
        header |= {"cpu_seconds": 0.0, "rss_bytes": 1}
        out.write(encode_frame(header, b"\0\x40" * SAMPLES if text != "refuse" else b""))
        out.flush()


if __name__ == "__main__":
    main()
