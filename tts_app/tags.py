"""Emotions written into the text itself, as users of IndexTTS2's V23 build know them: `[emotion=happy,intensity=0.8]`.

A tag at the start holds for the whole text; `[emotion]` or `[/emotion]` closes it. A tag further on can't be obeyed,
since one request has one emotion: it is taken out as well, so that nobody hears it, and reported. Anything else in
brackets is text. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tts_app.events import EMOTIONS

# Words of other builds and languages for our emotions.
EMOTION_WORDS = {
    "fearful": "afraid",
    "fear": "afraid",
    "surprise": "surprised",
    "disgust": "disgusted",
    "excited": "happy",
    "joy": "happy",
    "anger": "angry",
    "sadness": "sad",
    "喜": "happy",
    "高兴": "happy",
    "开心": "happy",
    "喜悦": "happy",
    "怒": "angry",
    "生气": "angry",
    "愤怒": "angry",
    "哀": "sad",
    "悲伤": "sad",
    "惧": "afraid",
    "害怕": "afraid",
    "恐惧": "afraid",
    "厌恶": "disgusted",
    "低落": "melancholic",
    "忧郁": "melancholic",
    "惊喜": "surprised",
    "惊讶": "surprised",
    "平静": "calm",
    "中性": "neutral",
}

_NUMBER = r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?|\.\d{1,6})"
_EQUALS = r"\s*[=:=:]\s*"
_COMMA = r"\s*[,,;;]\s*"
_TAG = re.compile(
    rf"""\[\s*(?:
        emotion{_EQUALS}(?P<word>[^\W\d_]{{1,32}})(?:{_COMMA}(?:intensity{_EQUALS})?(?P<of_word>{_NUMBER}))?
        | intensity{_EQUALS}(?P<alone>{_NUMBER})
        | (?P<closing>/?\s*emotion)
    )\s*\]""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text without its tags, and what they asked for; `ignored`: one further on asked for what can't be done."""

    text: str
    emotion: str | None = None
    intensity: float | None = None
    ignored: bool = False


def emotion_named(word: str) -> str:
    """Our name of the emotion that `word` means, or the word itself in lower case."""
    known = word.strip().lower()
    return EMOTION_WORDS.get(known, known)


def read_tags(text: str) -> Tagged:
    """`text` without tags. A text that begins with none is untouched, whatever stands further on."""
    emotion, intensity, at = None, None, 0
    while tag := _TAG.match(text, _skipped(text, at)):
        if not _is_ours(tag):
            break
        if tag["word"]:
            emotion = emotion_named(tag["word"])
        number = tag["of_word"] or tag["alone"]
        intensity = float(number) if number else intensity
        at = tag.end()
    if at == 0:
        return Tagged(text)
    later = [tag for tag in _TAG.finditer(text, at) if _is_ours(tag)]
    rest = _TAG.sub(lambda tag: "" if _is_ours(tag) else tag[0], text[at:])
    return Tagged(rest.strip(), emotion, intensity, ignored=any(not tag["closing"] for tag in later))


def _is_ours(tag: re.Match[str]) -> bool:
    return not tag["word"] or emotion_named(tag["word"]) in ("neutral", *EMOTIONS)


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
