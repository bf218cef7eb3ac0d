"""From PCM to what a client asked for, whole or piece by piece: heard, encoded, and its figures in the line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tts_app.audio import StreamEncoder, encode_audio
from tts_app.errors import RequestFailed
from tts_app.loudness import Loudness, Measures
from tts_app.requestlog import RequestLine

CLIPPED_RATIO = 0.001
# Above this much PCM other requests should not wait for it to be measured and encoded.
LARGE_BYTES = 32 * 1024

Made = TypeVar("Made")


class Sound:
    """One answer's audio in the making.

    Args:
        audio_format: one of `audio.FORMATS`.
        sample_rate_hz: of the PCM.
        line: gets the figures.
        clock: monotonic seconds.
    """

    def __init__(self, audio_format: str, sample_rate_hz: int, line: RequestLine, clock: Callable[[], float]) -> None:
        self.encode_seconds = 0.0
        self._format = audio_format
        self._rate = sample_rate_hz
        self._line = line
        self._clock = clock
        self._loudness = Loudness(sample_rate_hz)
        self._encoder: StreamEncoder | None = None
        self._sent_bytes = 0
        line.note(sample_rate_hz=sample_rate_hz)

    async def whole(self, pcm: bytes) -> tuple[bytes, Measures]:
        """The file, and what can be heard.

        Raises:
            RequestFailed: BAD_OUTPUT where there is no sound at all, ENCODE_FAILED.
        """
        measures = await self._timed(len(pcm), lambda: self._heard(pcm))
        self._check_audible(measures)
        audio = await self._timed(len(pcm), lambda: encode_audio(pcm, self._rate, self._format))
        self._line.note(audio_bytes=len(audio))
        return audio, measures

    async def feed(self, pcm: bytes) -> bytes:
        """What can be sent once `pcm` is known, possibly nothing; tells the line where the first sound is in it.

        Raises:
            RequestFailed: ENCODE_FAILED.
        """
        piece = await self._timed(len(pcm), lambda: self._encoded(pcm))
        if piece and self._loudness.audible:
            self._line.audio_follows()
        return piece

    async def finish(self) -> bytes:
        """The end of the file; the figures of all of it go into the line.

        Raises:
            RequestFailed: BAD_OUTPUT where there was no sound at all, ENCODE_FAILED.
        """
        self.note_heard()
        self._check_audible(self._loudness.measures())
        return await self._timed(0, self._last)

    def note_heard(self) -> None:
        """What could be heard so far, also where the rest never comes."""
        note_measures(self._line, self._loudness.measures())
        self._line.note(audio_bytes=self._sent_bytes or None)

    def _heard(self, pcm: bytes) -> Measures:
        self._loudness.add(pcm)
        return self._loudness.measures()

    def _encoded(self, pcm: bytes) -> bytes:
        self._loudness.add(pcm)
        if self._encoder is None:
            self._encoder = StreamEncoder(self._format, self._rate)
        return self._sent(self._encoder.feed(pcm))

    def _last(self) -> bytes:
        return self._sent(self._encoder.finish()) if self._encoder is not None else b""

    def _sent(self, piece: bytes) -> bytes:
        self._sent_bytes += len(piece)
        self._line.note(audio_bytes=self._sent_bytes)
        return piece

    async def _timed(self, size: int, make: Callable[[], Made]) -> Made:
        self._line.stage = "encode"
        start = self._clock()
        try:
            return make() if size < LARGE_BYTES else await asyncio.to_thread(make)
        except (RuntimeError, ValueError, OSError) as exc:
            raise RequestFailed("ENCODE_FAILED", f"The audio could not be written as {self._format}.") from exc
        finally:
            self.encode_seconds += self._clock() - start
            self._line.note(encode_seconds=round(self.encode_seconds, 6))

    def _check_audible(self, measures: Measures) -> None:
        note_measures(self._line, measures)
        if measures.silent:
            self._line.warn("silent")
            raise RequestFailed("BAD_OUTPUT", "The voice engine gave no sound for this text.")
        if (measures.clipped_ratio or 0) > CLIPPED_RATIO:
            self._line.warn("clipped")


def note_measures(line: RequestLine, measures: Measures) -> None:
    """What could be heard."""
    line.note(
        audio_seconds=round(measures.audio_seconds, 6) if measures.audio_seconds else None,
        audio_rms_dbfs=measures.audio_rms_dbfs and round(measures.audio_rms_dbfs, 2),
        silence_ratio=measures.silence_ratio,
        clipped_ratio=measures.clipped_ratio,
    )
