"""eSpeak NG by ctypes, out of the wheel espeakng-loader. Only ever loaded in a worker process.

The library keeps global state and crashes with two calls at once; it is GPL-3.0-or-later, which a process of its own keeps
apart. Constants: espeak-ng 1.52, src/include/espeak-ng/speak_lib.h.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable, Iterator

from ..adapter import SynthesisFailed, Unavailable
from .prosody import Prosody

AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8, SSML = 0x01, 0x10
RATE, VOLUME, PITCH, RANGE, WORD_GAP = 1, 2, 3, 4, 7
GO_ON, STOP = 0, 1
# The library gives 60 ms at a time: the first piece goes on as it is, each later one is worth a change of threads.
LATER_BYTES = 16 * 1024

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The one instance of the library in this process; for one call at a time.

    Raises:
        Unavailable: the library can't be loaded, or has no data.
    """

    def __init__(self, library: str, data: str) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as exc:
            raise Unavailable(
                "the eSpeak NG library can't be loaded", "pip install --force-reinstall espeakng-loader"
            ) from exc
        self._library.espeak_Info.restype = ctypes.c_char_p
        self.sample_rate_hz = int(
            self._library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data.encode(), INITIALIZE_DONT_EXIT)
        )
        if self.sample_rate_hz <= 0:
            raise Unavailable("eSpeak NG finds no voice data", "pip install --force-reinstall espeakng-loader")
        self._call: _Call | None = None
        # Kept on the instance: the library calls it long after this method has returned.
        self._callback = _CALLBACK(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    @property
    def version(self) -> str:
        """Such as `1.52.0`."""
        return str(self._library.espeak_Info(ctypes.byref(ctypes.c_char_p())).decode())

    def speak(
        self, text: str, voice: str, prosody: Prosody, stopped: Callable[[], bool], *, marked_up: bool = False
    ) -> Iterator[bytes]:
        """`text`, SSML where it is `marked_up`, as 16-bit mono PCM at `sample_rate_hz` in pieces.

        Ends early once `stopped`, or where it is closed.

        Raises:
            SynthesisFailed: INVALID_SPEAKER where there is no such voice, BAD_OUTPUT where the library reports an error.
        """
        self._set(voice, prosody)
        call = self._call = _Call(stopped)
        # A NUL would end the text in the middle.
        data, flags = text.replace("\0", " ").encode(), CHARS_UTF8 | (SSML if marked_up else 0)
        thread = threading.Thread(target=self._synthesize, args=(data, flags, call), daemon=True)
        thread.start()
        try:
            while (piece := call.pieces.get()) is not None:
                yield piece
        finally:
            call.closed = True
            thread.join()
        _check(call.result)

    def _set(self, voice: str, prosody: Prosody) -> None:
        # An unknown voice would leave the voice of the last call active, and parameters outlive calls: set all, check.
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisFailed("INVALID_SPEAKER", "validate")
        for parameter, value in (
            (RATE, prosody.rate),
            (VOLUME, prosody.volume),
            (PITCH, prosody.pitch),
            (RANGE, prosody.range),
            (WORD_GAP, prosody.word_gap),
        ):
            _check(self._library.espeak_SetParameter(parameter, value, 0))

    def _synthesize(self, data: bytes, flags: int, call: _Call) -> None:
        """Runs beside the generator, since the library returns only when everything is spoken."""
        result = self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, flags, None, None)
        call.result = result or self._library.espeak_Synchronize()
        call.end()

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        call = self._call
        if call is None or call.closed or call.stopped():
            return STOP
        if samples and count > 0:
            call.add(ctypes.string_at(samples, count * 2))
        return GO_ON


class _Call:
    """What one synthesis has given so far."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self.stopped = stopped
        self.closed = False
        self.result = 0
        self.pieces: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = bytearray()
        self._least = 1

    def add(self, samples: bytes) -> None:
        self._waiting += samples
        if len(self._waiting) >= self._least:
            self._least = LATER_BYTES
            self._flush()

    def end(self) -> None:
        self._flush()
        self.pieces.put(None)

    def _flush(self) -> None:
        if self._waiting:
            self.pieces.put(bytes(self._waiting))
            self._waiting.clear()


def _check(result: int) -> None:
    if result != 0:
        raise SynthesisFailed("BAD_OUTPUT")
