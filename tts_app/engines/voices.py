"""Languages and voices under the names that clients know: BCP 47 with its variants, OpenAI's voices, CosyVoice's speakers."""

from __future__ import annotations

import re

from tts_app.worker.vox_worker.espeak import voices as embedded

# The embedded voice's: id and name for people.
SPEAKERS = embedded.SPEAKERS

LANGUAGE_LABELS = {
    "zh": "中文 · Mandarin",
    "en": "English",
    "ja": "日本語 · Japanese",
    "ko": "한국어 · Korean",
    "yue": "粵語 · Cantonese",
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

# Names that other services' clients send, and the embedded voice's speaker for each.
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

SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff\uff66-\uff9d]")),
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")),
    ("zh", re.compile("[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U000323af]")),
)


def language_code(name: str) -> str:
    """The code that `name` (such as `zh-CN` or `cmn`) stands for; unknown ones in small letters as they are."""
    code = name.strip().lower().replace("_", "-")
    return LANGUAGE_ALIASES.get(code, code)


def find_speaker(name: str, speakers: tuple[str, ...]) -> str | None:
    """The id among `speakers` that `name` stands for, in any case; None where there is none.

    Where an engine has other speakers than the embedded voice, another service's voice names are spread over them in order.
    """
    wanted = name.strip().lower()
    own = {speaker.lower(): speaker for speaker in speakers}
    if wanted in own:
        return own[wanted]
    alias = SPEAKER_ALIASES.get(wanted)
    if alias is None or not speakers:
        return None
    return own.get(alias) or speakers[list(SPEAKER_ALIASES).index(wanted) % len(speakers)]


def guess_language(text: str) -> str:
    """The language a text is most likely in: kana, then hangul, then Han decide; anything else is English."""
    return next((code for code, letter in SCRIPTS if letter.search(text)), "en")
