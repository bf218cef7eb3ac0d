"""A synthetic month of log lines, to see the dashboards full before a service has run for a month.

Each day is a pure function of seed, instance and date, under a writer_id of its own: written and loaded again it
doubles nothing. The engines, loads and faults are invented, shaped by the figures that users of IndexTTS2 and
CosyVoice report; the `instance` says that the lines are not real. Releases differ in speed and in what they break, half
of the clients get another vocoder (an A/B test), and a few answers are silent, clipped, cut short or run on.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from tts_app.events import EMOTIONS, ERRORS, Event, MarkEvent, RequestEvent, encode, stamped, timestamp, uuid7
from tts_app.historybeats import GPU_MEMORY_BYTES, GPU_NAME, RESIDENT_BYTES, gpu_uuid, heartbeats
from tts_app.historymodels import MODELS, Model, mixed, wrong_audio

# A changed generator writes other lines, so it must be another writer.
GENERATION = 5
REQUESTS_A_DAY = 640
RELEASE_EVERY_DAYS = 13

# Relative load of each hour: night, morning rise, lunch, afternoon, evening reading.
_HOURS = (3, 2, 1, 1, 1, 2, 4, 9, 18, 26, 29, 24, 17, 22, 28, 30, 27, 22, 18, 21, 24, 19, 11, 6)
_WEEKEND = 0.45
_LANGUAGES = {"zh": 58, "en": 22, "ja": 8, "ko": 5, "yue": 7}
_EMOTIONS = {"neutral": 46, **dict(zip(EMOTIONS, (14, 5, 7, 3, 2, 4, 7, 12), strict=True))}
# Two clients come for the first time in each week; the older ones come less and less.
_CLIENTS, _NEW_CLIENTS_A_WEEK = 50, 2
_EXPERIMENT = "vocoder"
_ARMS = ("a-full", "b-light")
# Synthesis seconds of the second arm, for each of the first.
_ARM_FASTER = 0.93
# By release, in turn: synthesis seconds for each of the first one's, and chances that the engine dies.
_RELEASE_SPEED = (1.0, 0.92, 1.1)
_RELEASE_CRASHES = (0.0012, 0.0012, 0.004)
# With the third kind of release the last voice of each language fails often.
_BROKEN_RELEASE, _BROKEN_VOICE, _BROKEN_CHANCE = 2, "-4", 0.06

_Key = TypeVar("_Key")


_SPEECH_CHARS_A_SECOND = {"zh": 4.1, "en": 14.5, "ja": 6.8, "ko": 6.4, "yue": 4.4}
_BYTES_A_CHAR = {"zh": 2.95, "en": 1.0, "ja": 2.97, "ko": 2.6, "yue": 2.95}
_TOKENS_A_CHAR = {"zh": 1.06, "en": 0.31, "ja": 0.94, "ko": 1.1, "yue": 1.12}
# Above this many tokens each costs a little more.
_BEND_TOKENS = 250


def write_archives(
    out: Path, days: int, seed: int, until: date, instance: str, on_day: Callable[[int, int], None]
) -> list[Path]:
    """Writes `tts.log-YYYYMMDD.gz` for each of the `days` before `until` and returns all their paths, oldest first.

    A day that stands there already is left as it is. `on_day` is told the days done and the lines of the last one
    (0 for a day left alone).
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(days):
        day = until - timedelta(days=days - number)
        path = out / f"tts.log-{day:%Y%m%d}.gz"
        lines = 0
        if not path.exists():
            text = list(day_lines(day, seed, instance))
            lines = len(text)
            unfinished = path.with_suffix(".tmp")
            # No file name and no time of writing in the header: the same day has the same bytes.
            unfinished.write_bytes(gzip.compress(b"".join(text), compresslevel=6, mtime=0))
            unfinished.rename(path)
        paths.append(path)
        on_day(number + 1, lines)
    return paths


def day_lines(day: date, seed: int, instance: str) -> Iterator[bytes]:
    """The log lines of one day, with their newlines, in the order of time."""
    digest = hashlib.sha256(f"history {GENERATION}:{seed}:{instance}:{day}".encode()).digest()
    writer_id = UUID(bytes=digest[:16], version=4).hex
    choice = random.Random(digest)  # noqa: S311 - invented figures, no secret
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    release = day.toordinal() // RELEASE_EVERY_DAYS
    asked = [(moment, _request(moment, release, instance, choice)) for moment in _moments(midnight, choice)]
    events: list[tuple[datetime, Event]] = [*asked, *heartbeats(midnight, instance, asked)]
    if day.toordinal() % RELEASE_EVERY_DAYS == 0:
        mark = MarkEvent(ts=timestamp(midnight), instance=instance, kind="release", label=_version(release))
        events.append((midnight, mark))
    events.sort(key=lambda event: event[0])
    for seq, (_, event) in enumerate(events, 1):
        yield encode(stamped(event, writer_id, seq)) + b"\n"


def _version(release: int) -> str:
    return f"1.{release % 90}.0"


def _moments(midnight: datetime, choice: random.Random) -> list[datetime]:
    share = _WEEKEND if midnight.weekday() >= 5 else 1.0
    number = round(REQUESTS_A_DAY * share * choice.uniform(0.88, 1.12))
    hours = _choices_of(dict(enumerate(_HOURS)), number, choice)
    # The first tenth of a second stays free for the mark and the first heartbeat.
    return sorted(midnight + timedelta(hours=hour, seconds=choice.uniform(0.1, 3600)) for hour in hours)


def _choices_of(weights: dict[_Key, int], number: int, choice: random.Random) -> list[_Key]:
    """`number` keys of `weights`, each as often as its weight says."""
    return choice.choices(list(weights), list(weights.values()), k=number)


def _request(moment: datetime, release: int, instance: str, choice: random.Random) -> RequestEvent:
    """One request, asked for first and then spoken or failed."""
    model = choice.choices(MODELS, [model.weight for model in MODELS])[0]
    language = _choices_of(_LANGUAGES, 1, choice)[0]
    emotion = _choices_of(_EMOTIONS, 1, choice)[0]
    intensity = 0.0 if emotion == "neutral" else choice.choice((0.4, 0.6, 0.8, 1.0))
    vector = None if emotion == "neutral" else mixed(emotion, intensity, choice)
    chars = min(max(round(choice.lognormvariate(3.9, 0.85)), 2), 1800)
    busy = _HOURS[moment.hour] / max(_HOURS) * (_WEEKEND if moment.weekday() >= 5 else 1.0)
    queue_depth = max(0, round(choice.expovariate(1 / (0.15 + 1.6 * busy**3)) - 0.6))
    gpu = int(model.device.removeprefix("cuda:")) if model.device != "cpu" else None
    newest = moment.toordinal() // 7 * _NEW_CLIENTS_A_WEEK
    client = newest - int(_CLIENTS * choice.random() ** 2)
    asked = RequestEvent(
        ts=timestamp(moment),
        request_id=uuid7(int(moment.timestamp() * 1000), choice.randbytes(10)),
        instance=instance,
        app_version=_version(release),
        source=_choices_of({"api": 52, "openai": 33, "webui": 10, "batch": 5}, 1, choice)[0],
        client_hash=hashlib.sha256(b"client %d" % client).hexdigest()[:16],
        hash_key_id="synthetic",
        experiment=_EXPERIMENT if model.engine == "indextts2" else None,
        variant=_ARMS[client % 2] if model.engine == "indextts2" else None,
        status="ok",
        fault="none",
        http_status=200,
        engine=model.engine,
        model=model.model,
        model_version=model.model_version,
        vocoder=model.vocoder,
        device=model.device,
        gpu_name=None if gpu is None else GPU_NAME,
        gpu_uuid=None if gpu is None else gpu_uuid(gpu),
        gpu_index=gpu,
        language=language,
        speaker=f"{language}-{choice.randrange(1, 5)}",
        text_chars=chars,
        text_bytes=max(chars, round(chars * _BYTES_A_CHAR[language])),
        text_tokens=max(1, round(chars * _TOKENS_A_CHAR[language])) if gpu is not None else None,
        tokenizer=f"{model.engine}-bpe" if gpu is not None else None,
        emotion=emotion,
        emotion_mode="none" if vector is None else "preset" if sum(map(bool, vector)) == 1 else "vector",
        emotion_intensity=intensity,
        emotion_vector=vector,
        emotion_applied=None if emotion == "neutral" else model.engine != "cosyvoice",
        stream=gpu is not None and choice.random() < 0.3,
        total_seconds=0.0,
        queue_depth=queue_depth,
        in_flight=1 + min(queue_depth, 2),
    )
    kind = release % len(_RELEASE_SPEED)
    code = _fault(asked, kind, queue_depth, choice)
    return _spoken(asked, model, kind, choice) if code is None else _failed(asked, model, code, choice)


def _fault(asked: RequestEvent, release_kind: int, queue_depth: int, choice: random.Random) -> str | None:
    """The error code that this request meets, mostly none. Long texts meet memory and deadlines more often."""
    longer = max(0.0, (asked.text_chars - 150) / 600) if asked.engine != "espeak" else 0.0
    broken = release_kind == _BROKEN_RELEASE and (asked.speaker or "").endswith(_BROKEN_VOICE)
    chances = {
        "EMPTY_TEXT": 0.006,
        "UNSPEAKABLE_TEXT": 0.003,
        "INVALID_SPEAKER": 0.004,
        "TEXT_TOO_LONG": 0.002,
        "QUEUE_FULL": 0.15 if queue_depth >= 5 else 0.0,
        "OOM_GPU": 0.04 * longer,
        "SYNTH_TIMEOUT": 0.02 * longer,
        "ENGINE_CRASH": _RELEASE_CRASHES[release_kind] + (_BROKEN_CHANCE if broken else 0.0),
        "CANCELLED": 0.004 + 0.003 * queue_depth,
    }
    drawn = choice.random()
    for code, chance in chances.items():
        drawn -= chance
        if drawn < 0:
            return code
    return None


def _spoken(asked: RequestEvent, model: Model, release_kind: int, choice: random.Random) -> RequestEvent:
    wrong = wrong_audio(asked, choice)
    audio = asked.text_chars / _SPEECH_CHARS_A_SECOND[asked.language] * choice.uniform(0.85, 1.2) * wrong.longer
    slower = 1.0 + model.emotion_slower * asked.emotion_intensity
    cold = choice.random() < 0.004
    bent = 1.0 + max(0, (asked.text_tokens or 0) - _BEND_TOKENS) / 900
    speed = _RELEASE_SPEED[release_kind] * (_ARM_FASTER if asked.variant == _ARMS[1] else 1.0)
    seconds = (model.overhead_seconds + model.rtf * audio * slower * bent) * speed * choice.lognormvariate(0.0, 0.16)
    synthesis = seconds * (1.55 if cold else 1.0)
    queue = _queue_seconds(asked, model, choice)
    encode_seconds = 0.002 + audio * 0.0004
    total = queue + synthesis + encode_seconds + choice.uniform(0.001, 0.006)
    on_gpu = model.device != "cpu"
    resident = RESIDENT_BYTES[asked.gpu_index or 0] - 2**30
    memory = round(resident * (1 + 0.04 * (slower - 1)) + audio * 9e6)
    repeat = choice.random() < 0.09
    spoken = replace(
        asked,
        worker=0,
        segments=math.ceil(asked.text_chars / 120),
        audio_seconds=audio,
        sample_rate_hz=model.sample_rate_hz,
        audio_bytes=round(audio * model.sample_rate_hz) * 2 + 44,
        audio_format="wav",
        audio_rms_dbfs=-68.0 if wrong.silence_ratio else choice.gauss(-20.5, 1.6),
        silence_ratio=wrong.silence_ratio or choice.uniform(0.05, 0.22),
        clipped_ratio=wrong.clipped_ratio,
        warnings=(wrong.warning,) if wrong.warning else None,
        queue_seconds=queue,
        synthesis_seconds=synthesis,
        encode_seconds=encode_seconds,
        first_audio_seconds=queue + 0.3 * synthesis if asked.stream else total,
        total_seconds=total,
        stage_seconds={stage: synthesis * share for stage, share in model.stages.items()},
        cold_start=cold,
        gpu_seconds=synthesis * 0.93 if on_gpu else None,
        gpu_memory_peak_bytes=memory if on_gpu else None,
        gpu_memory_used_bytes=memory + 2**30 if on_gpu else None,
        gpu_memory_total_bytes=GPU_MEMORY_BYTES if on_gpu else None,
        gpu_utilization=min(1.0, choice.uniform(0.68, 0.86) * (1 + 0.5 * (slower - 1))) if on_gpu else None,
        repeat=repeat,
        repeat_age_seconds=choice.expovariate(1 / 1800) if repeat else None,
    )
    return _from_cache(spoken, choice) if repeat and choice.random() < 0.2 else spoken


def _from_cache(spoken: RequestEvent, choice: random.Random) -> RequestEvent:
    """The same answer without a worker: nothing was synthesized."""
    total = choice.uniform(0.002, 0.009)
    return replace(
        spoken,
        worker=None,
        queue_seconds=None,
        synthesis_seconds=None,
        encode_seconds=None,
        stage_seconds=None,
        gpu_seconds=None,
        gpu_memory_peak_bytes=None,
        gpu_memory_used_bytes=None,
        gpu_memory_total_bytes=None,
        gpu_utilization=None,
        cache_hit=True,
        cold_start=False,
        stream=False,
        first_audio_seconds=total,
        total_seconds=total,
    )


def _queue_seconds(asked: RequestEvent, model: Model, choice: random.Random) -> float:
    return asked.queue_depth * (model.overhead_seconds + model.rtf * 12) * choice.uniform(0.6, 1.3) + choice.uniform(
        0, 0.004
    )


def _failed(asked: RequestEvent, model: Model, code: str, choice: random.Random) -> RequestEvent:
    kind = ERRORS[code]
    worked = kind.stage in ("synth", "deliver")
    synthesis = {"SYNTH_TIMEOUT": 60.0}.get(code, choice.uniform(0.3, 6.0) * (0.01 if model.device == "cpu" else 1))
    queue = _queue_seconds(asked, model, choice) if worked else None
    chars = {"EMPTY_TEXT": 0, "UNSPEAKABLE_TEXT": min(asked.text_chars, 4), "TEXT_TOO_LONG": 5001 + asked.text_chars}
    text_chars = chars.get(code, asked.text_chars)
    return replace(
        asked,
        status=kind.status,
        fault=kind.fault,
        http_status=kind.http_status,
        error_code=code,
        error_stage=kind.stage,
        speaker=None if code == "INVALID_SPEAKER" else asked.speaker,
        text_chars=text_chars,
        text_bytes=max(text_chars, round(text_chars * _BYTES_A_CHAR[asked.language])),
        emotion_applied=None,
        queue_seconds=queue,
        synthesis_seconds=synthesis if worked else None,
        total_seconds=(queue or 0.0) + (synthesis if worked else 0.0) + choice.uniform(0.0005, 0.003),
    )
