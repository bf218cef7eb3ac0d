"""What the embedded voice can speak: languages and speakers, and the names other services' clients know them by."""

from __future__ import annotations

from dataclasses import dataclass

ENGINE = "espeak"
MODEL = "espeak-ng"
SAMPLE_RATE_HZ = 22050


@dataclass(frozen=True, slots=True)
class Language:
    """A language: BCP 47 code, its name for people, eSpeak NG's name for it."""

    code: str
    label: str
    voice: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker: id, name for people; eSpeak NG has a voice variant of the same name as the id."""

    code: str
    label: str


LANGUAGES = {
    language.code: language
    for language in (
        Language("zh", "中文 · Mandarin", "cmn"),
        Language("en", "English", "en-us"),
        Language("ja", "日本語 · Japanese", "ja"),
        Language("ko", "한국어 · Korean", "ko"),
        Language("yue", "粵語 · Cantonese", "yue"),
    )
}

LANGUAGE_ALIASES = {
    "cmn": "zh",
    "zh-cn": "zh",
    "zh-sg": "zh",
    "zh-tw": "zh",
    "zh-hans": "zh",
    "zh-hant": "zh",
    "en-us": "en",
    "en-gb": "en",
    "ja-jp": "ja",
    "ko-kr": "ko",
    "zh-hk": "yue",
    "yue-hk": "yue",
}

SPEAKERS = {
    speaker.code: speaker
    for speaker in (
        *(Speaker(f"f{number}", f"Female {number}") for number in range(1, 6)),
        *(Speaker(f"m{number}", f"Male {number}") for number in range(1, 9)),
    )
}

DEFAULT_SPEAKER = "f1"

# OpenAI's voices and CosyVoice's speakers, so that their clients work unchanged.
SPEAKER_ALIASES = {
    "default": "f1",
    "alloy": "f2",
    "ash": "m1",
    "ballad": "m2",
    "cedar": "m6",
    "coral": "f1",
    "echo": "m3",
    "fable": "m4",
    "marin": "f5",
    "nova": "f3",
    "onyx": "m7",
    "sage": "f4",
    "shimmer": "f5",
    "verse": "m5",
    "中文女": "f1",
    "中文男": "m1",
    "日语男": "m3",
    "粤语女": "f4",
    "英文女": "f2",
    "英文男": "m2",
    "韩语女": "f3",
}


def find_language(name: str) -> Language | None:
    """The language of a code such as `zh`, `zh-CN` or `cmn`, or None."""
    code = name.strip().lower().replace("_", "-")
    return LANGUAGES.get(LANGUAGE_ALIASES.get(code, code))


def find_speaker(name: str) -> Speaker | None:
    """The speaker of an id or of another service's voice name, or None."""
    code = name.strip().lower()
    return SPEAKERS.get(SPEAKER_ALIASES.get(code, code))


def guess_language(text: str) -> Language:
    """The language a text is most likely in: kana, then hangul, then Han decide; anything else is English."""
    for code, ranges in (
        ("ja", ((0x3040, 0x30FF), (0xFF66, 0xFF9D))),
        ("ko", ((0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3130, 0x318F))),
        ("zh", ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x323AF))),
    ):
        if any(low <= ord(letter) <= high for letter in text for low, high in ranges):
            return LANGUAGES[code]
    return LANGUAGES["en"]
