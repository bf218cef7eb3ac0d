"""What the versions of CosyVoice are and take, and how an emotion is put into words for those that follow instructions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .adapter import Emotion
from .checkpoints import COSYVOICE_FILES

# 300M comes in three trainings that share their file names; the folder's name tells them apart.
TRAININGS = ("sft", "instruct", "base")

SPEAKER_LANGUAGES = {"中文": "zh", "日语": "ja", "粤语": "yue", "英文": "en", "韩语": "ko"}

_LANGUAGES = {
    "1": ("zh", "en", "ja", "yue", "ko"),
    "2": ("zh", "en", "ja", "yue", "ko"),
    "3": ("zh", "en", "ja", "yue", "ko", "de", "es", "fr", "it", "ru"),
}
_MODELS = {"1": "CosyVoice-300M", "2": "CosyVoice2-0.5B", "3": "Fun-CosyVoice3-0.5B"}
_TRAINED = {"sft": "-SFT", "instruct": "-Instruct", "base": ""}
_REPOSITORIES = {"3": "FunAudioLLM/Fun-CosyVoice3-0.5B-2512"}

SYSTEM = "You are a helpful assistant."
END = "<|endofprompt|>"

_CHINESE = {
    "happy": "开心",
    "angry": "生气",
    "sad": "伤心",
    "afraid": "害怕",
    "disgusted": "厌恶",
    "melancholic": "低落",
    "surprised": "惊讶",
    "calm": "平静",
}
STRONG, WEAK = 0.75, 0.35


@dataclass(frozen=True, slots=True)
class Flavour:
    """A version and its training."""

    version: str
    training: str

    @property
    def model(self) -> str:
        """The checkpoint's name for the log line."""
        return _MODELS[self.version] + _TRAINED[self.training]

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes."""
        return _LANGUAGES[self.version]

    @property
    def files(self) -> tuple[str, ...]:
        """What a whole checkpoint has."""
        return (*COSYVOICE_FILES[self.version], *(() if self.training == "base" else ("spk2info.pt",)))

    @property
    def get(self) -> str:
        """How to get the checkpoint."""
        return f"hf download {_REPOSITORIES.get(self.version, f'FunAudioLLM/{self.model}')} --local-dir MODEL_DIR (docs/engines.md)"

    @property
    def clones(self) -> bool:
        """Whether it speaks in the voice of a reference."""
        return self.training == "base"

    @property
    def instructed(self) -> bool:
        """Whether it follows an instruction."""
        return self.version != "1" or self.training == "instruct"


def flavour_of(version: str, training: str | None, folder: Path | None) -> Flavour:
    """The flavour; a training that isn't named is read from the folder's name."""
    if version != "1":
        return Flavour(version, "base")
    name = folder.name.lower() if folder is not None else ""
    guessed = next((one for one in ("sft", "instruct") if one in name), "base")
    return Flavour(version, training or guessed)


def speaker_language(name: str) -> str | None:
    """The language of a built-in speaker such as 中文女."""
    return next((code for start, code in SPEAKER_LANGUAGES.items() if name.startswith(start)), None)


def plain(text: str) -> str:
    """`text` without the engine's control tokens: one such would also switch its reading of numbers off."""
    return text.replace("<|", "").replace("|>", "")


def instruction(emotion: Emotion, version: str) -> str | None:
    """What to tell the model so that it speaks with `emotion`; None where there is nothing to tell."""
    if emotion.mode == "text":
        words = plain(emotion.text or "").strip()
    elif emotion.mode in ("preset", "vector") and emotion.label in _CHINESE:
        words = _words(emotion.label, emotion.intensity, version)
    else:
        words = ""
    if not words:
        return None
    return f"{SYSTEM} {words}{END}" if version == "3" else f"{words}{END}"


def _words(label: str, intensity: float, version: str) -> str:
    if version == "1":
        how = "very " if intensity >= STRONG else "slightly " if intensity < WEAK else ""
        return f"A speaker with a {how}{label} tone."
    how = "非常" if intensity >= STRONG else "有点" if intensity < WEAK else ""
    return f"请{how}{_CHINESE[label]}地说一句话。"


def prompt_of(text: str, version: str) -> str:
    """What is said in a reference, as the model wants it: version 3 needs the end of a system prompt in front."""
    return f"{SYSTEM}{END}{text}" if version == "3" else text


def tagged(sentence: str, language: str, version: str) -> str:
    """A sentence to be spoken across languages: version 1 takes the language as a tag, 3 its system prompt."""
    if version == "1":
        return f"<|{language}|>{sentence}"
    return prompt_of(sentence, version)
