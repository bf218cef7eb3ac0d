"""The parts of an IndexTTS by the names under which the real ones are found: torch modules, tokenizers, an emotion reader."""

import math

import torch

from indextts.trouble import strike

STOP = 8193
CODES_PER_TOKEN = 4
SAMPLES_PER_CODE = 512


class Gpt(torch.nn.Module):
    """Text tokens to codes, as many as there are tokens; a code that isn't STOP at the end means that there were too many."""

    mel_length_compression = 1024

    def __init__(self, tts):
        super().__init__()
        self.__dict__["tts"] = tts

    def merge_emovec(
        self, speech_conditioning_latent, emo_speech_conditioning_latent, cond_lengths, emo_cond_lengths, alpha=1.0
    ):
        return torch.full((1, 8), float(alpha))

    def inference_speech(
        self, speech_condition, text_inputs, langs=None, emo_speech_condition=None, cond_lengths=None, emo_cond_lengths=None,
        emo_vec=None, campplus_embedding=None, wav=None, cond_mel_lengths=None, num_return_sequences=1, max_generate_length=None,
        **hf_generate_kwargs,
    ):  # fmt: skip
        strike(self.tts.text, self.tts.segment_tokens)
        known = {"do_sample", "top_p", "top_k", "temperature", "length_penalty", "num_beams", "repetition_penalty"}
        if unknown := sorted(set(hf_generate_kwargs) - known):
            raise ValueError(
                f"The following `model_kwargs` are not used by the model: {unknown} (note: typos in the generate "
                "arguments will also show up in this list)"
            )
        wanted = text_inputs.shape[1] * CODES_PER_TOKEN
        codes = torch.zeros(1, min(wanted, max_generate_length), dtype=torch.long)
        if wanted <= max_generate_length:
            codes = torch.cat([codes, torch.tensor([[STOP]])], dim=1)
        return codes if self.tts.first else (codes, speech_condition)

    def forward(self, *arguments, **named):
        return torch.zeros(1, 1, 1280)


class Cfm(torch.nn.Module):
    """Codes to a spectrogram."""

    def inference(self, mu, x_lens, prompt, style, f0, n_timesteps, temperature=1.0, inference_cfg_rate=0.5):
        return torch.zeros(1, 80, int(x_lens[0]))


class BigVGAN(torch.nn.Module):
    """A spectrogram of any content to a tone with a little noise, 512 samples a frame."""

    def __init__(self, first=False):
        super().__init__()
        self.first = first

    def forward(self, mel, *more):
        samples = mel.shape[-1] * SAMPLES_PER_CODE
        tone = 0.5 * torch.sin(2 * math.pi * 220 / 22050 * torch.arange(samples))
        wav = (tone + 0.01 * torch.rand(samples)).reshape(1, 1, samples)
        return (wav, None) if self.first else wav


class TextTokenizer:
    """SentencePiece as seen from outside: upper case, a token for each Han character and each word, one that is unknown."""

    unk_token_id = 2

    def tokenize(self, text):
        spaced = "".join(f" {letter} " if ord(letter) > 0x2E7F else letter for letter in text.upper())
        return ["▁" + word for word in spaced.split() if any(letter.isalnum() or letter == "☃" for letter in word)]

    def convert_tokens_to_ids(self, tokens):
        return [self.unk_token_id if "☃" in token else 10 + len(token) for token in tokens]

    def split_segments(self, tokenized, max_text_tokens_per_segment=120, quick_streaming_tokens=0):
        size = max_text_tokens_per_segment
        return [tokenized[start : start + size] for start in range(0, len(tokenized), size)]


class WhisperTokenizer:
    """tiktoken as seen from outside: a token for each character, one for each tag."""

    def encode(self, text, allowed_special=()):
        tags = text.count("<|")
        return [1] * tags + [3] * (len(text.replace("<|", "").replace("|>", "")) - tags)


class TextNormalizer:
    """Reads what can't be read aloud; here as it is."""

    def normalize(self, text):
        return text


class QwenEmotion:
    """Emotions out of a text, in the order of the eight."""

    def inference(self, text_input):
        if "gibberish" in text_input:
            raise ValueError("QwenEmotion returned a non-numeric emotion score None. Please retry the request.")
        names = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
        return {name: 0.5 if name in text_input.lower() else 0.0 for name in names}
