"""CosyVoice 300M, 2 and 3."""

import math
import os
import threading
import uuid

import torch
from indextts.trouble import strike
from modelscope import snapshot_download

from cosyvoice.utils.file_utils import logging

SPEAKERS = ("中文女", "中文男", "日语男", "粤语女", "英文女", "英文男", "韩语女")
SAMPLES_PER_TOKEN = 2000
END_OF_PROMPT = "<|endofprompt|>"


class Tokenizer:
    """A token for each character."""

    def encode(self, text, allowed_special="all"):
        return [ord(letter) for letter in text]


class FrontEnd:
    """Sentences, and what is computed of a reference."""

    def __init__(self, spk2info):
        self.tokenizer = Tokenizer()
        self.allowed_special = "all"
        self.spk2info = spk2info
        self.references = 0

    def text_normalize(self, text, split=True, text_frontend=True):
        if ("<|" in text and "|>" in text) or text_frontend is False or text == "":
            return [text] if split else text
        texts = [part for part in text.replace("。", "。\n").split("\n") if any(letter.isalnum() for letter in part)]
        return texts if split else text

    def frontend_sft(self, tts_text, spk_id):
        if "lostspeaker" in tts_text:
            raise KeyError(spk_id)
        if "lostkey" in tts_text:
            raise KeyError("uuid")
        return {"text": tts_text, "embedding": self.spk2info[spk_id]["embedding"]}

    def frontend_zero_shot(self, tts_text, prompt_text, prompt_wav, resample_rate, zero_shot_spk_id):
        if zero_shot_spk_id != "":
            return {**self.spk2info[zero_shot_spk_id], "text": tts_text}
        with open(prompt_wav, "rb") as file:
            assert file.read(4) == b"RIFF"
        self.references += 1
        return {"prompt_text": prompt_text, "embedding": 0.25, "text": tts_text}


class Part(torch.nn.Module):
    """A part of the model with `inference`."""

    def inference(self, **named):
        return named["tokens"]


class Model:
    """The language model writes tokens in a thread of its own; tables are cleared only at the normal end of a generator."""

    def __init__(self, fp16):
        self.fp16 = fp16
        self.flow, self.hift = Part(), Part()
        self.tts_speech_token_dict = {}

    def llm_job(self, text, this_uuid):
        self.tts_speech_token_dict[this_uuid] += [1] * len(text)

    def tts(self, text, embedding, prompt_text="", stream=False, speed=1.0, **named):
        this_uuid = str(uuid.uuid1())
        self.tts_speech_token_dict[this_uuid] = []
        thread = threading.Thread(target=self.llm_job, args=(text, this_uuid))
        thread.start()
        thread.join()
        tokens = self.tts_speech_token_dict[this_uuid]
        if stream:
            assert speed == 1.0, "speed change only support non-stream inference mode"
        hop = 3 if stream else len(tokens)
        try:
            for start in range(0, len(tokens), hop):
                self.flow.inference(tokens=tokens)
                self.hift.inference(tokens=tokens)
                samples = int(len(tokens[start : start + hop]) * SAMPLES_PER_TOKEN / speed)
                tone = 0.5 * torch.sin(2 * math.pi * 220 / 22050 * torch.arange(samples)) + 0.01 * torch.rand(samples)
                yield {"tts_speech": (tone * (3.0 if "loudest" in text else 1.0)).reshape(1, samples)}
        except GeneratorExit:
            print("left in the middle: its tables stay for ever")
            raise
        self.tts_speech_token_dict.pop(this_uuid)


class CosyVoice:
    """300M: 22.05 kHz."""

    sample_rate, yaml = 22050, "cosyvoice.yaml"

    def __init__(self, model_dir, load_jit=False, load_trt=False, fp16=False, trt_concurrent=1):
        self._load(model_dir, fp16)

    def _load(self, model_dir, fp16):
        self.model_dir, self.fp16 = model_dir, fp16
        if not os.path.exists(model_dir):
            model_dir = snapshot_download(model_dir)
        if not os.path.exists(f"{model_dir}/{self.yaml}"):
            raise ValueError(f"{model_dir}/{self.yaml} not found!")
        known = os.path.exists(f"{model_dir}/spk2info.pt")
        self.frontend = FrontEnd({name: {"embedding": 0.5} for name in SPEAKERS} if known else {})
        self.model = Model(fp16)

    def list_available_spks(self):
        return list(self.frontend.spk2info.keys())

    def add_zero_shot_spk(self, prompt_text, prompt_wav, zero_shot_spk_id):
        assert zero_shot_spk_id != "", "do not use empty zero_shot_spk_id"
        model_input = self.frontend.frontend_zero_shot("", prompt_text, prompt_wav, self.sample_rate, "")
        del model_input["text"]
        self.frontend.spk2info[zero_shot_spk_id] = model_input
        return True

    def inference_sft(self, tts_text, spk_id, stream=False, speed=1.0, text_frontend=True):
        for text in self.frontend.text_normalize(tts_text, split=True, text_frontend=text_frontend):
            yield from self._said(text, self.frontend.frontend_sft(text, spk_id), stream, speed)

    def inference_zero_shot(
        self, tts_text, prompt_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0, text_frontend=True
    ):
        prompt_text = self.frontend.text_normalize(prompt_text, split=False, text_frontend=text_frontend)
        for text in self.frontend.text_normalize(tts_text, split=True, text_frontend=text_frontend):
            if len(text) < 0.5 * len(prompt_text):
                logging.warning(f"synthesis text {text} too short than prompt text {prompt_text}")
            yield from self._prompted(text, prompt_text, prompt_wav, zero_shot_spk_id, stream, speed)

    def inference_cross_lingual(
        self, tts_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0, text_frontend=True
    ):
        for text in self.frontend.text_normalize(tts_text, split=True, text_frontend=text_frontend):
            yield from self._prompted(text, "", prompt_wav, zero_shot_spk_id, stream, speed)

    def inference_instruct(self, tts_text, spk_id, instruct_text, stream=False, speed=1.0, text_frontend=True):
        assert self.__class__.__name__ == "CosyVoice", "inference_instruct is only implemented for CosyVoice!"
        assert instruct_text.endswith(END_OF_PROMPT)
        for text in self.frontend.text_normalize(tts_text, split=True, text_frontend=text_frontend):
            yield from self._said(text, self.frontend.frontend_sft(text, spk_id), stream, speed)

    def _prompted(self, text, prompt_text, prompt_wav, zero_shot_spk_id, stream, speed):
        found = self.frontend.frontend_zero_shot(text, prompt_text, prompt_wav, self.sample_rate, zero_shot_spk_id)
        yield from self._said(text, found, stream, speed)

    def _said(self, text, model_input, stream, speed):
        logging.info(f"synthesis text {text}")
        strike(text, 0)
        if self.__class__.__name__ == "CosyVoice3":
            heard = model_input["text"] + model_input.get("prompt_text", "")
            assert END_OF_PROMPT in heard, (
                "<|endofprompt|> not detected in CosyVoice3 text or prompt_text, check your input!"
            )
        for output in self.model.tts(**model_input, stream=stream, speed=speed):
            logging.info(f"yield speech len {output['tts_speech'].shape[1] / self.sample_rate}, rtf 0.5")
            yield output


class CosyVoice2(CosyVoice):
    """0.5B: 24 kHz."""

    sample_rate, yaml = 24000, "cosyvoice2.yaml"

    def __init__(self, model_dir, load_jit=False, load_trt=False, load_vllm=False, fp16=False, trt_concurrent=1):
        self._load(model_dir, fp16)

    def inference_instruct2(
        self, tts_text, instruct_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0, text_frontend=True
    ):
        for text in self.frontend.text_normalize(tts_text, split=True, text_frontend=text_frontend):
            yield from self._prompted(text, instruct_text, prompt_wav, zero_shot_spk_id, stream, speed)


class CosyVoice3(CosyVoice2):
    """As 2; every prompt or text needs the end of a system prompt."""

    yaml = "cosyvoice3.yaml"

    def __init__(self, model_dir, load_trt=False, load_vllm=False, fp16=False, trt_concurrent=1):
        self._load(model_dir, fp16)


def AutoModel(**kwargs):
    """The class whose configuration lies in the folder; a folder that isn't there is downloaded."""
    if not os.path.exists(kwargs["model_dir"]):
        kwargs["model_dir"] = snapshot_download(kwargs["model_dir"])
    for kind in (CosyVoice, CosyVoice2, CosyVoice3):
        if os.path.exists(f"{kwargs['model_dir']}/{kind.yaml}"):
            return kind(**kwargs)
    raise TypeError("No valid model type found!")
