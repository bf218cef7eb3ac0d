"""From what was asked to audio: check, wait for a worker, speak, encode. Each step notes its figures in the line."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from tts_app import checks
from tts_app.audio import FORMATS
from tts_app.engines.info import EngineInfo, EngineStatus
from tts_app.engines.progress import EngineOrder, Progress
from tts_app.errors import RequestFailed
from tts_app.identity import Hasher
from tts_app.notes import note_emotion, note_engine, note_progress
from tts_app.requestlog import RequestLine
from tts_app.sound import Sound
from tts_app.text import clean, count

REMEMBERED_TEXTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client asks for, unchecked.

    `engine` None: the one that `model` names, else the first. `speaker` None: the engine's first; `reference_audio`, a sound to
    imitate as it was uploaded, goes before it. Language `auto` is guessed. Of the emotions `emotion_audio` goes before
    `emotion_text`, that before `emotion_vector`, that before `emotion`. `params` are the engine's own (docs/engines.md).
    """

    text: str
    engine: str | None = None
    model: str | None = None
    language: str = "auto"
    speaker: str | None = None
    reference_audio: bytes | None = None
    reference_text: str | None = None
    emotion: str = "neutral"
    emotion_vector: tuple[float, ...] | None = None
    emotion_text: str | None = None
    emotion_audio: bytes | None = None
    emotion_intensity: float = 1.0
    speed: float = 1.0
    seed: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    audio_format: str = "wav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The audio and what it took, in seconds."""

    audio: bytes
    media_type: str
    audio_seconds: float
    queue_seconds: float
    synthesis_seconds: float
    encode_seconds: float

    @property
    def rtf(self) -> float:
        """Synthesis seconds per second of audio: below 1 is faster than speech."""
        return self.synthesis_seconds / self.audio_seconds


class Engine(Protocol):
    """What speaks: `tts_app.engines.host.EngineHost`, or what stands in for it."""

    info: EngineInfo | None

    @property
    def name(self) -> str:
        """What the line calls it."""

    def speak(self, order: EngineOrder, progress: Progress, client: str | None = None) -> AsyncGenerator[bytes, None]:
        """16-bit mono PCM in chunks; raises RequestFailed."""


class Engines(Protocol):
    """All that speak: `tts_app.engines.hosts.Hosts`, or what stands in for them."""

    def find(self, engine: str | None, model: str | None) -> Engine:
        """The one of a name, or the default; raises RequestFailed."""

    def status(self) -> list[EngineStatus]:
        """Each of them now, the default first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """An order that its engine can take."""

    engine: Engine
    info: EngineInfo
    emotion: checks.Emotion
    order: EngineOrder


class SpeechService:
    """Speaks orders.

    Args:
        engines: each speaks one order at a time or queues it.
        max_chars: the longest text, in code points after cleaning.
        clock: monotonic seconds.
        hasher: gives reference audio its name in lines; by default with a key of this start.
    """

    def __init__(
        self, engines: Engines, *, max_chars: int, clock: Callable[[], float], hasher: Hasher | None = None
    ) -> None:
        self.max_chars = max_chars
        self._engines = engines
        self._clock = clock
        # A key of this start alone: the hashes of texts never leave the memory of this process.
        self._memory = Hasher(secrets.token_bytes(32))
        self._hasher = hasher or self._memory
        self._spoken_at: OrderedDict[str, float] = OrderedDict()

    def engines(self) -> list[EngineStatus]:
        """Each engine at this moment, the default first."""
        return self._engines.status()

    async def speak(
        self, order: Order, line: RequestLine, client: str | None = None, progress: Progress | None = None
    ) -> Spoken:
        """The audio of `order`; `line` gets every figure that becomes known on the way, also where it fails.

        Args:
            order: what is asked for.
            line: of this request.
            client: who asks, for fair shares of the queue: any text that tells clients apart.
            progress: filled in on the way, so that a page can show the place in the queue.

        Raises:
            RequestFailed: with the code that the line then carries.
        """
        checked = self._checked(order, line, stream=False)
        progress = progress or Progress()
        async with aclosing(self._pcm(checked, line, client, progress)) as chunks:
            pcm = b"".join([chunk async for chunk in chunks])
        sound = Sound(order.audio_format, checked.info.sample_rate_hz, line, self._clock)
        audio, measures = await sound.whole(pcm)
        line.stage = "deliver"
        return Spoken(
            audio=audio,
            media_type=FORMATS[order.audio_format][2],
            audio_seconds=measures.audio_seconds,
            queue_seconds=progress.queue_seconds or 0.0,
            synthesis_seconds=progress.synthesis_seconds or 0.0,
            encode_seconds=sound.encode_seconds,
        )

    async def stream(
        self, order: Order, line: RequestLine, client: str | None = None, progress: Progress | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The audio of `order` in pieces of its format as they come; arguments as those of `speak`.

        `line.audio_follows` is called before the first piece that can be heard. Close it where nobody listens any more.

        Raises:
            RequestFailed: from the first step where the order is refused, from a later one where the engine fails.
        """
        checked = self._checked(order, line, stream=True)
        sound = Sound(order.audio_format, checked.info.sample_rate_hz, line, self._clock)
        try:
            async with aclosing(self._pcm(checked, line, client, progress or Progress())) as chunks:
                async for pcm in chunks:
                    if piece := await sound.feed(pcm):
                        line.stage = "deliver"
                        yield piece
        finally:
            sound.note_heard()
        if piece := await sound.finish():
            line.stage = "deliver"
            yield piece

    async def _pcm(
        self, checked: _Checked, line: RequestLine, client: str | None, progress: Progress
    ) -> AsyncGenerator[bytes, None]:
        line.stage = "queue"
        try:
            async with aclosing(checked.engine.speak(checked.order, progress, client)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            note_progress(line, progress)
        note_emotion(line, checked.emotion, checked.info, progress)

    def _checked(self, order: Order, line: RequestLine, *, stream: bool) -> _Checked:
        line.stage = "validate"
        line.note(stream=stream, **asdict(count(clean(order.text))))
        text = checks.check_text(order.text, self.max_chars)
        engine = self._engines.find(order.engine, order.model)
        line.note(engine=engine.name)
        info = engine.info
        if info is None:
            raise RequestFailed("ENGINE_UNAVAILABLE", "The voice engine is not loaded.")
        note_engine(line, info)
        if info.max_chars is not None:
            checks.check_text(text, info.max_chars)
        language = checks.check_language(order.language, text, info)
        line.note(language=language)
        speaker = checks.check_speaker(order.speaker, info, reference=order.reference_audio is not None)
        voice = self._name_of(speaker, order.reference_audio)
        line.note(speaker=voice)
        emotion = self._check_emotion(order, line)
        self._check_rest(order, line, stream=stream)
        self._note_repeat(line, text, engine.name, language, str(voice), str(emotion), str(order.speed))
        return _Checked(
            engine=engine,
            info=info,
            emotion=emotion,
            order=EngineOrder(
                text=text,
                language=language,
                speaker=speaker,
                emotion=emotion.fields(),
                speed=order.speed,
                seed=order.seed,
                params=order.params,
                reference=order.reference_audio,
                reference_text=order.reference_text,
                emotion_reference=order.emotion_audio,
                stream=stream,
            ),
        )

    def _check_emotion(self, order: Order, line: RequestLine) -> checks.Emotion:
        emotion = checks.check_emotion(
            order.emotion,
            order.emotion_vector,
            order.emotion_intensity,
            text=order.emotion_text,
            audio=order.emotion_audio is not None,
        )
        line.note(emotion=emotion.label, emotion_mode=emotion.mode, emotion_intensity=emotion.intensity)
        return emotion

    def _check_rest(self, order: Order, line: RequestLine, *, stream: bool) -> None:
        checks.check_speed(order.speed)
        line.note(speed=order.speed)
        checks.check_format(order.audio_format, stream=stream)
        line.note(audio_format=order.audio_format)
        checks.check_seed(order.seed)
        checks.check_params(order.params)

    def _name_of(self, speaker: str | None, reference: bytes | None) -> str | None:
        """What the line calls a voice: its id, or a keyed hash of the sound that it imitates."""
        if reference is None:
            return speaker
        return f"ref:{self._hasher.digest('reference', hashlib.sha256(reference).hexdigest())}"

    def _note_repeat(self, line: RequestLine, *what: str) -> None:
        digest, now = self._memory.digest(*what), self._clock()
        before = self._spoken_at.pop(digest, None)
        self._spoken_at[digest] = now
        if len(self._spoken_at) > REMEMBERED_TEXTS:
            self._spoken_at.popitem(last=False)
        line.note(repeat=before is not None)
        if before is not None:
            line.note(repeat_age_seconds=round(now - before, 6))
