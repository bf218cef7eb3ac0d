"""IndexTTS2."""

import random
import time
import warnings

import torch

from indextts.parts import STOP, BigVGAN, Cfm, Gpt, QwenEmotion, TextTokenizer


class IndexTTS2:
    """22.05 kHz, emotions, streaming by segments; a reference is cached by the name of its file."""

    first = False

    def __init__(
        self, cfg_path="checkpoints/config.yaml", model_dir="checkpoints", use_fp16=False, device=None, use_cuda_kernel=None,
        use_deepspeed=False, use_accel=False, use_torch_compile=False, use_qwen_emo=True, aux_paths=None,
    ):  # fmt: skip
        if aux_paths is None:
            from indextts.utils.model_download import ensure_models_available

            ensure_models_available(model_dir)
        self.device = device or "cpu"
        self.use_fp16 = False if self.device == "cpu" else use_fp16
        self.qwen_emo = QwenEmotion() if use_qwen_emo else None
        self.gpt = Gpt(self)
        self.s2mel = torch.nn.Module()
        self.s2mel.models = torch.nn.ModuleDict({"cfm": Cfm()})
        self.bigvgan = BigVGAN()
        self.tokenizer = TextTokenizer()
        self.cache_spk_cond = self.cache_spk_audio_prompt = None
        self.cache_emo_cond = self.cache_emo_audio_prompt = None
        self.gr_progress = None
        self.model_version = 2.0
        print(">> GPT weights restored from:", f"{model_dir}/gpt.pth")

    def get_emb(self, input_features, attention_mask):
        return torch.zeros(1, 1, 1024)

    def normalize_emo_vec(self, emo_vector, apply_bias=True):
        if apply_bias:
            emo_bias = [0.9375, 0.875, 1.0, 1.0, 0.9375, 0.9375, 0.6875, 0.5625]
            emo_vector = [weight * bias for weight, bias in zip(emo_vector, emo_bias, strict=True)]
        emo_sum = sum(emo_vector)
        return [weight * 0.8 / emo_sum for weight in emo_vector] if emo_sum > 0.8 else emo_vector

    def infer(
        self, spk_audio_prompt, text, output_path, emo_audio_prompt=None, emo_alpha=1.0, emo_vector=None, use_emo_text=False,
        emo_text=None, use_random=False, interval_silence=200, verbose=False, max_text_tokens_per_segment=120,
        stream_return=False, more_segment_before=0, **generation_kwargs,
    ):  # fmt: skip
        generator = self.infer_generator(
            spk_audio_prompt, text, output_path, emo_audio_prompt, emo_alpha, emo_vector, use_emo_text, emo_text, use_random,
            interval_silence, verbose, max_text_tokens_per_segment, stream_return, more_segment_before, **generation_kwargs,
        )  # fmt: skip
        if stream_return:
            return generator
        try:
            return list(generator)[0]
        except IndexError:
            return None

    def infer_generator(
        self, spk_audio_prompt, text, output_path, emo_audio_prompt, emo_alpha, emo_vector, use_emo_text, emo_text, use_random,
        interval_silence, verbose, max_text_tokens_per_segment, stream_return, quick_streaming_tokens, **generation_kwargs,
    ):  # fmt: skip
        print(">> starting inference...")
        self._set_gr_progress(0, "starting inference...")
        start_time = time.perf_counter()
        self.text, self.segment_tokens = text, max_text_tokens_per_segment
        if "silenced" in text:
            return
        emo_vector, emo_audio_prompt, emo_alpha = self._emotion(
            spk_audio_prompt, text, emo_audio_prompt, emo_alpha, emo_vector, use_emo_text, emo_text, use_random
        )
        self._condition(spk_audio_prompt, emo_audio_prompt)
        self._set_gr_progress(0.1, "text processing...")
        generation_kwargs.pop("do_sample", True)
        max_mel_tokens = generation_kwargs.pop("max_mel_tokens", 1500)
        wavs = []
        for tokens in self._segments(text, max_text_tokens_per_segment, quick_streaming_tokens):
            self._set_gr_progress(0.2, "speech synthesis 1/1...")
            wav = self._segment(tokens, emo_alpha, max_mel_tokens, generation_kwargs)
            wavs.append(wav.cpu())
            if stream_return:
                yield wav.cpu()
                silence = int(22050 * interval_silence / 1000.0)
                yield torch.zeros(1, silence) if silence else wavs
        joined = [part for wav in wavs for part in (wav, torch.zeros(1, int(22.05 * interval_silence)))][:-1]
        wav = torch.cat(joined, dim=1)
        print(f">> Total inference time: {time.perf_counter() - start_time:.2f} seconds")
        print(f">> RTF: {(time.perf_counter() - start_time) * 22050 / wav.shape[-1]:.4f}")
        if stream_return:
            return
        if output_path:
            raise AssertionError("a worker takes the samples, not a file")
        yield (22050, wav.type(torch.int16).numpy().T)

    def _set_gr_progress(self, value, desc):
        if self.gr_progress is not None:
            self.gr_progress(value, desc=desc)

    def _emotion(self, speaker, text, emo_audio_prompt, emo_alpha, emo_vector, use_emo_text, emo_text, use_random):
        if use_emo_text or emo_vector is not None:
            emo_audio_prompt = None
        if use_emo_text:
            if self.qwen_emo is None:
                raise RuntimeError("use_emo_text=True requires QwenEmotion, but it was not loaded at init")
            emo_dict = self.qwen_emo.inference(text if emo_text is None else emo_text)
            print(f"detected emotion vectors from text: {emo_dict}")
            emo_vector = list(emo_dict.values())
        if emo_vector is not None:
            scale = max(0.0, min(1.0, emo_alpha))
            if scale != 1.0:
                emo_vector = [int(weight * scale * 10000) / 10000 for weight in emo_vector]
                print(f"scaled emotion vectors to {scale}x: {emo_vector}")
            assert len(emo_vector) == 8
        if use_random:
            random.randint(0, 7)
        return (emo_vector, speaker, 1.0) if emo_audio_prompt is None else (emo_vector, emo_audio_prompt, emo_alpha)

    def _condition(self, speaker, emotion):
        for kind, path in (("spk", speaker), ("emo", emotion)):
            if getattr(self, f"cache_{kind}_cond") is None or getattr(self, f"cache_{kind}_audio_prompt") != path:
                with open(path, "rb") as file:
                    setattr(self, f"cache_{kind}_cond", self.get_emb(file.read(), None))
                setattr(self, f"cache_{kind}_audio_prompt", path)

    def _segments(self, text, max_tokens, quick_streaming_tokens):
        tokens = self.tokenizer.tokenize(text)
        segments = self.tokenizer.split_segments(tokens, max_tokens, quick_streaming_tokens=quick_streaming_tokens)
        unknown = [
            token for token, id in zip(tokens, self.tokenizer.convert_tokens_to_ids(tokens), strict=True) if id == 2
        ]
        if unknown:
            print(f"  >> Warning: input text contains {len(unknown)} unknown tokens (id=2):")
            print("     Tokens which can't be encoded: ", unknown)
        return [torch.tensor([self.tokenizer.convert_tokens_to_ids(segment)]) for segment in segments]

    def _speech(self, tokens, max_mel_tokens, generation_kwargs):
        return self.gpt.inference_speech(
            self.cache_spk_cond, tokens, self.cache_emo_cond, emo_vec=None, do_sample=True,
            max_generate_length=max_mel_tokens, **generation_kwargs,
        )  # fmt: skip

    def _frames(self, codes):
        return codes.shape[-1]

    def _segment(self, tokens, emo_alpha, max_mel_tokens, generation_kwargs):
        self.gpt.merge_emovec(None, None, None, None, alpha=emo_alpha)
        codes, latent = self._speech(tokens, max_mel_tokens, dict(generation_kwargs))
        if (codes[:, -1] != STOP).any():
            warnings.warn(
                f"WARN: generation stopped due to exceeding `max_mel_tokens` ({max_mel_tokens}). "
                f"Input text tokens: {tokens.shape[1]}.",
                category=RuntimeWarning,
                stacklevel=1,
            )
        self.gpt(latent, tokens, codes)
        mel = self.s2mel.models["cfm"].inference(
            latent, torch.LongTensor([self._frames(codes)]), None, None, None, 25, inference_cfg_rate=0.7
        )
        wav = self.bigvgan(mel.float()).squeeze().unsqueeze(0)
        print(wav.shape)
        if "notanumber" in self.text:
            wav = wav * float("nan")
        if "nosamples" in self.text:
            wav = wav[:, :0]
        return torch.clamp(32767 * wav, -32767.0, 32767.0)
