"""IndexTTS 2.5: needs a language, takes a duration."""

import os

import torch

from indextts import infer_v2
from indextts.parts import TextNormalizer, WhisperTokenizer


class IndexTTS2(infer_v2.IndexTTS2):
    """As version 2, but for the names of its class' arguments, its tokenizer, and `lang`."""

    def __init__(
        self, cfg_path="checkpoints/config.yaml", model_dir="checkpoints", use_bf16=False, device=None, use_cuda_kernel=None,
        use_deepspeed=False, use_accel=False, use_torch_compile=False, use_qwen_emo=False,
    ):  # fmt: skip
        super().__init__(cfg_path, model_dir, device=device, use_qwen_emo=use_qwen_emo, aux_paths={})
        del self.use_fp16
        self.use_bf16 = False if self.device == "cpu" else use_bf16
        self.low_vram = os.path.exists(os.path.join(model_dir, "low_vram"))
        self.tokenizer = WhisperTokenizer()
        self.text_process = TextNormalizer()
        self.model_version = 2.5

    def split_text_by_tokens(self, text, max_tokens, lang_prefix=""):
        size = max(1, max_tokens - len(self.tokenizer.encode(lang_prefix, allowed_special="all")))
        return [text[start : start + size] for start in range(0, len(text), size)] or [text]

    def infer(
        self, spk_audio_prompt, text, output_path, lang, emo_audio_prompt=None, emo_alpha=1.0, emo_vector=None,
        use_emo_text=False, emo_text=None, use_random=False, interval_silence=200, verbose=False,
        max_text_tokens_per_segment=120, stream_return=False, more_segment_before=0, duration_factor=1.0,
        text_normalization=True, **generation_kwargs,
    ):  # fmt: skip
        if lang not in ("ZH", "EN", "JA", "AR", "ES"):
            raise ValueError("lang")
        self.lang, self.duration_factor, self.normalizes = lang, duration_factor, text_normalization

        def speak(part):
            return super(IndexTTS2, self).infer(
                spk_audio_prompt, part, output_path, emo_audio_prompt, emo_alpha, emo_vector, use_emo_text, emo_text, use_random,
                interval_silence, verbose, max_text_tokens_per_segment, stream_return, more_segment_before,
                **generation_kwargs,
            )  # fmt: skip

        if self.low_vram and not stream_return and len(text) > 40:
            parts = [speak(text[start : start + 40]) for start in range(0, len(text), 40)]
            return (22050, torch.cat([torch.from_numpy(part[1]) for part in parts]).numpy())
        return speak(text)

    def _segments(self, text, max_tokens, quick_streaming_tokens):
        if self.normalizes:
            text = self.text_process.normalize(text)
            print(f"text after normalization: {text}")
        prefix = f"<|{self.lang.lower()}|> "
        return [
            torch.tensor([self.tokenizer.encode(prefix + segment, allowed_special="all")])
            for segment in self.split_text_by_tokens(text.lower(), max_tokens, prefix)
        ]

    def _speech(self, tokens, max_mel_tokens, generation_kwargs):
        return self.gpt.inference_speech(
            self.cache_spk_cond, tokens, None, self.cache_emo_cond, emo_vec=None, do_sample=True, campplus_embedding=None,
            wav=self.cache_spk_audio_prompt, max_generate_length=max_mel_tokens, **generation_kwargs,
        )  # fmt: skip

    def _frames(self, codes):
        return int(codes.shape[-1] * self.duration_factor)
