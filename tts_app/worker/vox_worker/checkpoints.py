"""What each neural engine needs on a machine, by lists: packages of its Python, files of its weights. Nothing is imported for it.

Sources: index-tts ee40fa7 (`infer*.py`, `cli_v2.py`, `utils/model_download.py`), CosyVoice ace7c47 (`cli/cosyvoice.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

INDEXTTS_PACKAGES = ("torch", "torchaudio", "transformers", "librosa", "omegaconf", "indextts")
COSYVOICE_PACKAGES = (
    "torch",
    "torchaudio",
    "onnxruntime",
    "hyperpyyaml",
    "modelscope",
    "whisper",
    "matcha",
    "cosyvoice",
)

_SMALL_MODELS = (
    "hf_cache/w2v-bert-2.0/config.json",
    "hf_cache/campplus_cn_common.bin",
    "hf_cache/bigvgan/config.json",
    "hf_cache/bigvgan/bigvgan_generator.pt",
)
_TWO = ("config.yaml", "gpt.pth", "s2mel.pth", "wav2vec2bert_stats.pt", "feat1.pt", "feat2.pt")
_ONE = ("config.yaml", "bpe.model", "gpt.pth", "bigvgan_generator.pth")
INDEXTTS_FILES = {
    "1": _ONE,
    "1.5": _ONE,
    "2": (*_TWO, "bpe.model", "hf_cache/semantic_codec_model.safetensors", *_SMALL_MODELS),
    "2.5": (*_TWO, "codec.pth", "multilingual_zh_ja_yue_char_del.tiktoken", *_SMALL_MODELS),
}
EMOTION_TEXT_MODEL = "qwen0.6bemo4-merge"

_COSYVOICE = ("llm.pt", "flow.pt", "hift.pt", "campplus.onnx")
COSYVOICE_FILES = {
    "1": ("cosyvoice.yaml", "speech_tokenizer_v1.onnx", *_COSYVOICE),
    "2": ("cosyvoice2.yaml", "speech_tokenizer_v2.onnx", "CosyVoice-BlankEN/config.json", *_COSYVOICE),
    "3": ("cosyvoice3.yaml", "speech_tokenizer_v3.onnx", "CosyVoice-BlankEN/config.json", *_COSYVOICE),
}

SMALL_MODELS_HINT = (
    "in the clone of index-tts, once: uv run python -c "
    "\"from indextts.utils.model_download import *; ensure_models_available('MODEL_DIR')\""
)


def indextts_version(folder: Path | None) -> str:
    """The version whose checkpoint lies in `folder`; 2 where that can't be told."""
    if folder is not None and (folder / "codec.pth").exists():
        return "2.5"
    return "1.5" if folder is not None and (folder / "bigvgan_generator.pth").exists() else "2"


def cosyvoice_version(folder: Path | None) -> str:
    """The version whose checkpoint lies in `folder`; 1 where that can't be told."""
    for version, names in COSYVOICE_FILES.items():
        if folder is not None and (folder / names[0]).exists():
            return version
    return "1"


def indextts_aux_paths(folder: str) -> dict[str, str]:
    """Where the small models lie, as IndexTTS2's argument `aux_paths`; without it they are downloaded."""
    return {
        "w2v_bert": f"{folder}/hf_cache/w2v-bert-2.0",
        "semantic_codec": f"{folder}/hf_cache/semantic_codec_model.safetensors",
        "campplus": f"{folder}/hf_cache/campplus_cn_common.bin",
        "bigvgan": f"{folder}/hf_cache/bigvgan",
    }


def has_emotion_text(folder: Path | None, wanted: bool | None) -> bool:
    """Whether to load the model that reads an emotion out of a text: as wanted, else where it is there."""
    return wanted if wanted is not None else folder is not None and (folder / EMOTION_TEXT_MODEL).is_dir()


def packages(names: tuple[str, ...], hint: str) -> list[tuple[str, str]]:
    """The packages that this Python lacks, each with `hint`; none is imported."""
    return [(f"the Python package {name}", hint) for name in names if find_spec(name) is None]


def files(folder: Path | None, names: tuple[str, ...], hint: str) -> list[tuple[str, str]]:
    """The files that a checkpoint lacks, or the folder itself."""
    if folder is None:
        return [("model_dir", hint)]
    if not folder.is_dir():
        return [("the folder of model_dir", hint)]
    return [
        (f"the file {name}", SMALL_MODELS_HINT if name.startswith("hf_cache/") else hint)
        for name in names
        if not (folder / name).is_file()
    ]


def package_version(name: str) -> str | None:
    """The version of an installed package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def add_to_path(repo: Path | None, *below: str) -> None:
    """Makes the packages of a clone importable, and those of folders in it."""
    if repo is not None:
        sys.path[1:1] = [str(repo), *(str(repo / name) for name in below)]


@contextmanager
def importable(repo: Path | None, *below: str) -> Iterator[None]:
    """`add_to_path` for a while."""
    before = list(sys.path)
    add_to_path(repo, *below)
    try:
        yield
    finally:
        sys.path[:] = before
