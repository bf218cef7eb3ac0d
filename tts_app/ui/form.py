"""The controls of the form, in the order in which the scripts get their values (`FIELDS` in form.js)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tts_app.events import EMOTIONS
from tts_app.ui import panels
from tts_app.ui.texts import translated

PRESETS = ("neutral", *EMOTIONS)
MODES = ("preset", "vector", "audio", "text")
LANGUAGES = {"zh": "中文", "en": "English", "ja": "日本語", "ko": "한국어", "yue": "粵語"}


@dataclass(frozen=True, slots=True)
class Form:
    """The controls whose values make an order, those that decide what others offer, and the buttons."""

    controls: list[Any]
    deciding: list[Any]
    examples: dict[str, gr.Button]
    speak: gr.Button
    cancel: gr.Button


def build_form() -> Form:
    """The controls at this place of the page; what an engine offers is filled in by the scripts."""
    text = gr.Textbox(
        label=translated("text"),
        lines=5,
        max_lines=14,
        placeholder=translated("text.placeholder"),
        elem_id="text",
        autofocus=True,
    )
    gr.HTML(panels.COUNT, padding=False, elem_classes="vox-plain")
    examples = _examples()
    engine, language, speaker = _voice()
    gr.HTML(panels.REFERENCE, padding=False, elem_classes=["vox-plain", "vox-clones"])
    mode, preset, sliders, description = _emotion()
    with gr.Row():
        intensity = gr.Slider(
            0, 1, value=1, step=0.05, label=translated("intensity"), min_width=140, elem_id="intensity"
        )
        speed = gr.Slider(0.5, 2, value=1, step=0.05, label=translated("speed"), min_width=140, elem_id="speed")
    with gr.Row(elem_classes="vox-buttons"):
        speak = gr.Button(translated("speak"), variant="primary", elem_id="speak", scale=3)
        cancel = gr.Button(translated("cancel"), elem_id="cancel", scale=1, min_width=90)
    controls = [text, engine, language, speaker, mode, preset, *sliders, description, intensity, speed]
    return Form(controls, [engine, language, mode], examples, speak, cancel)


def _voice() -> tuple[gr.Dropdown, gr.Dropdown, gr.Dropdown]:
    with gr.Row(elem_classes="vox-voice"):
        return (
            gr.Dropdown([], label=translated("engine"), min_width=150, elem_id="engine", elem_classes="vox-engine"),
            gr.Dropdown([], label=translated("language"), min_width=150, elem_id="language"),
            gr.Dropdown([], label=translated("voice"), min_width=150, elem_id="voice"),
        )


def _emotion() -> tuple[gr.Radio, gr.Radio, list[gr.Slider], gr.Textbox]:
    gr.HTML(panels.NO_EMOTION, padding=False, elem_classes=["vox-plain", "vox-emotion", "vox-by-none"])
    modes = [(translated(f"mode.{name}"), name) for name in MODES]
    mode = gr.Radio(modes, value=MODES[0], label=translated("mode"), elem_id="mode", elem_classes="vox-modes")
    presets = [(translated(f"emotion.{name}"), name) for name in PRESETS]
    preset = gr.Radio(
        presets,
        value=PRESETS[0],
        label=translated("emotion"),
        elem_id="preset",
        elem_classes=["vox-emotion", "vox-by-preset"],
    )
    with gr.Column(elem_classes=["vox-emotion", "vox-by-vector"]):
        sliders = _sliders()
    gr.HTML(panels.EMOTION_AUDIO, padding=False, elem_classes=["vox-plain", "vox-emotion", "vox-by-audio"])
    description = gr.Textbox(
        label=translated("description"),
        placeholder=translated("description.placeholder"),
        max_length=500,
        elem_id="description",
        elem_classes=["vox-emotion", "vox-by-text"],
    )
    return mode, preset, sliders, description


def _sliders() -> list[gr.Slider]:
    sliders = []
    for pair in range(0, len(EMOTIONS), 2):
        with gr.Row():
            sliders += [
                gr.Slider(0, 1, value=0, step=0.05, label=translated(f"emotion.{name}"), min_width=130)
                for name in EMOTIONS[pair : pair + 2]
            ]
    return sliders


def _examples() -> dict[str, gr.Button]:
    with gr.Row(elem_classes="vox-examples"):
        gr.HTML(panels.EXAMPLES, padding=False, elem_classes=["vox-plain", "vox-examples-label"])
        return {
            code: gr.Button(
                label,
                size="sm",
                min_width=40,
                elem_classes=["vox-example", f"vox-speaks-{code}"],
                elem_id=f"say-{code}",
            )
            for code, label in LANGUAGES.items()
        }
