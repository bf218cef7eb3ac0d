"""IndexTTS 1 and 1.5."""

import time
import warnings

import torch

from indextts.parts import STOP, BigVGAN, Gpt, TextTokenizer


class IndexTTS:
    """24 kHz, no emotion, no streaming."""

    first = True

    def __init__(
        self,
        cfg_path="checkpoints/config.yaml",
        model_dir="checkpoints",
        use_fp16=True,
        device=None,
        use_cuda_kernel=None,
    ):
        self.device = device or "cpu"
        self.use_fp16 = False if self.device == "cpu" else use_fp16
        self.gpt = Gpt(self)
        self.bigvgan = BigVGAN(first=True)
        self.tokenizer = TextTokenizer()
        self.cache_audio_prompt = None
        self.cache_cond_mel = None
        self.gr_progress = None
        self.model_version = None
        print(">> GPT weights restored from:", f"{model_dir}/gpt.pth")

    def _set_gr_progress(self, value, desc):
        if self.gr_progress is not None:
            self.gr_progress(value, desc=desc)

    def infer(
        self, audio_prompt, text, output_path, verbose=False, max_text_tokens_per_segment=120, **generation_kwargs
    ):
        print(">> starting inference...")
        self._set_gr_progress(0, "starting inference...")
        if verbose:
            print(f"origin text:{text}")
        start_time = time.perf_counter()
        self.text, self.segment_tokens = text, max_text_tokens_per_segment
        if self.cache_cond_mel is None or self.cache_audio_prompt != audio_prompt:
            with open(audio_prompt, "rb") as file:
                self.cache_cond_mel = torch.zeros(1, 100, len(file.read()) // 1024)
            self.cache_audio_prompt = audio_prompt
        segments = self.tokenizer.split_segments(self.tokenizer.tokenize(text), max_text_tokens_per_segment)
        generation_kwargs.pop("do_sample", True)
        max_mel_tokens = generation_kwargs.pop("max_mel_tokens", 600)
        wavs = []
        for segment in segments:
            self._set_gr_progress(0.2, "gpt latents inference 1/1...")
            tokens = torch.tensor([self.tokenizer.convert_tokens_to_ids(segment)])
            codes = self.gpt.inference_speech(
                self.cache_cond_mel,
                tokens,
                cond_mel_lengths=None,
                max_generate_length=max_mel_tokens,
                **generation_kwargs,
            )
            if (codes[:, -1] != STOP).any():
                warnings.warn(
                    "WARN: generation stopped due to exceeding `max_mel_tokens`", category=RuntimeWarning, stacklevel=1
                )
            self.gpt(self.cache_cond_mel, tokens, codes, return_latent=True)
            wav, _ = self.bigvgan(torch.zeros(1, 80, codes.shape[-1]), None)
            wavs.append(torch.clamp(32767 * wav.squeeze(1), -32767.0, 32767.0).cpu())
        wav = torch.cat(wavs, dim=1)
        print(f">> Total inference time: {time.perf_counter() - start_time:.2f} seconds")
        if output_path:
            raise AssertionError("a worker takes the samples, not a file")
        return (24000, wav.type(torch.int16).numpy().T)
