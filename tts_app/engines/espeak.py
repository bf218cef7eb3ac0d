"""eSpeak NG by ctypes, out of the wheel espeakng-loader. Only ever loaded in a worker process.

The library keeps global state and crashes with two threads; it is GPL-3.0-or-later, which a process of its own keeps apart.
Constants: espeak-ng 1.52, src/include/espeak-ng/speak_lib.h.
"""

from __future__ import annotations

import ctypes

import espeakng_loader

from tts_app.engines.prosody import Prosody
from tts_app.errors import AppError

AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1
RATE, VOLUME, PITCH, RANGE, WORD_GAP = 1, 2, 3, 4, 7

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakFailed(AppError):
    """eSpeak NG refused a voice or a text, or its library can't be loaded."""


class Espeak:
    """The one instance of the library in this process."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as exc:
            raise EspeakFailed("the eSpeak NG library can't be loaded") from exc
        self._library.espeak_Info.restype = ctypes.c_char_p
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate_hz = int(
            self._library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data, INITIALIZE_DONT_EXIT)
        )
        if self.sample_rate_hz <= 0:
            raise EspeakFailed("eSpeak NG finds no voice data")
        self._pcm = bytearray()
        # Kept on the instance: the library calls it long after this method has returned.
        self._callback = _CALLBACK(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    @property
    def version(self) -> str:
        """Such as `1.52.0`."""
        return str(self._library.espeak_Info(ctypes.byref(ctypes.c_char_p())).decode())

    def speak(self, text: str, voice: str, prosody: Prosody) -> bytes:
        """`text` as 16-bit mono PCM at `sample_rate_hz`.

        Raises:
            EspeakFailed: the voice is unknown, or the library reports an error.
        """
        # An unknown voice would leave the voice of the last call active, and parameters outlive calls: set all, check.
        self._check(self._library.espeak_SetVoiceByName(voice.encode()), "voice")
        for parameter, value in (
            (RATE, prosody.rate),
            (VOLUME, prosody.volume),
            (PITCH, prosody.pitch),
            (RANGE, prosody.range),
            (WORD_GAP, prosody.word_gap),
        ):
            self._check(self._library.espeak_SetParameter(parameter, value, 0), "parameter")
        self._pcm.clear()
        # A NUL would end the text in the middle.
        data = text.replace("\0", " ").encode()
        self._check(self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, CHARS_UTF8, None, None), "text")
        self._check(self._library.espeak_Synchronize(), "synthesis")
        return bytes(self._pcm)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)
        return 0

    def _check(self, result: int, what: str) -> None:
        if result != 0:
            raise EspeakFailed(f"eSpeak NG refused the {what} ({result})")
