"""The web page at /ui: a text, a voice, an emotion, and what speaking it took. The only module that imports gradio."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from tts_app.engines.voices import LANGUAGE_LABELS, SPEAKERS
from tts_app.events import EMOTIONS
from tts_app.figures import failure_html, figures_html
from tts_app.flood import FloodGuard
from tts_app.ratelimit import RateLimit
from tts_app.requestlog import Caller, RequestLog
from tts_app.routes import client_of
from tts_app.synthesis import Order, SpeechService

CUSTOM = "custom"
PRESETS = ("neutral", *EMOTIONS)
KEPT_SECONDS = 3600
EMPTY = '<p class="vox-empty">Press Speak: the figures of the request appear here.</p>'
HEAD = (
    '<div class="vox-head"><h1>Voxmeter</h1><p>Type a sentence and hear it: each one is measured and logged. '
    "Embedded eSpeak NG voice (robotic, for trying out).</p></div>"
)
EXAMPLES = {
    "zh": "今天天气很好,我们一起去公园散步吧。",
    "en": "Good morning! The train to the coast leaves in ten minutes.",
    "ja": "今日は2026年8月18日、とても良い天気ですね。",
    "ko": "안녕하세요, 만나서 반갑습니다.",
    "yue": "早晨,今日想食啲乜嘢呀?",
}
# Run in the browser: a preset moves the sliders, a slider makes the preset "custom".
PRESET_TO_SLIDERS = f"(name) => {list(PRESETS[1:])!r}.map((emotion) => (name === emotion ? 1 : 0))"
SLIDER_TO_PRESET = f"() => {CUSTOM!r}"


@dataclass(frozen=True, slots=True)
class Form:
    """The controls whose values make an order."""

    text: gr.Textbox
    language: gr.Dropdown
    speaker: gr.Dropdown
    preset: gr.Radio
    sliders: list[gr.Slider]
    intensity: gr.Slider
    speed: gr.Slider

    def controls(self) -> set[Any]:
        """All of them, as gradio takes them."""
        return {self.text, self.language, self.speaker, self.preset, *self.sliders, self.intensity, self.speed}

    def order(self, values: dict[Any, Any]) -> Order:
        """The order that the values of the controls stand for."""
        custom = values[self.preset] == CUSTOM
        return Order(
            text=values[self.text] or "",
            language=values[self.language],
            speaker=values[self.speaker],
            emotion="neutral" if custom else values[self.preset],
            emotion_vector=tuple(float(values[slider]) for slider in self.sliders) if custom else None,
            emotion_intensity=float(values[self.intensity]),
            speed=float(values[self.speed]),
        )


@dataclass(frozen=True, slots=True)
class Guards:
    """What holds a client of the page back: how often it may press, bad presses, and the size of what it uploads."""

    limits: RateLimit
    flood: FloodGuard
    upload_bytes: int


def mount_ui(app: FastAPI, service: SpeechService, requests: RequestLog, guards: Guards) -> FastAPI:
    """`app` with the page at /ui; audio that the page plays lies in GRADIO_TEMP_DIR for an hour."""
    page = build_page(service, requests, guards)
    # Admission is the service's own: gradio would turn requests away before they have a log line.
    page.queue(max_size=None, default_concurrency_limit=None, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/ui",
        footer_links=[],
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        show_error=False,
        run_history=False,
        max_file_size=guards.upload_bytes,
        theme=theme(),
        css_paths=Path(__file__).with_name("page.css"),
    )
    return mounted


def theme() -> gr.themes.Base:
    """Calm, and with the fonts of the machine, since others would come from another host."""
    return gr.themes.Soft(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="slate",
        font=["ui-sans-serif", "system-ui", "Noto Sans", "Noto Sans CJK SC", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_title_background_fill="none",
        block_title_background_fill_dark="none",
        block_title_padding="0",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        block_label_background_fill="none",
        block_label_background_fill_dark="none",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_border_width="1px",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_shadow="none",
        checkbox_label_border_width="1px",
        checkbox_label_shadow="none",
        checkbox_border_color="*neutral_400",
        block_shadow="none",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        checkbox_label_background_fill_selected="*primary_700",
        checkbox_label_background_fill_selected_dark="*primary_700",
        slider_color="*primary_600",
        slider_color_dark="*primary_600",
    )


def build_page(service: SpeechService, requests: RequestLog, guards: Guards) -> gr.Blocks:
    """The page and its one action."""
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False, title="Voxmeter", delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as page:
        gr.HTML(HEAD)
        with gr.Row(elem_classes="vox-columns"):
            with gr.Column(scale=3, min_width=320):
                form = _form(service.max_chars)
                button = gr.Button("Speak", variant="primary", elem_id="speak")
            with gr.Column(scale=2, min_width=320, elem_classes="vox-side"):
                player = gr.Audio(
                    label="Audio",
                    interactive=False,
                    autoplay=True,
                    format="wav",
                    buttons=["download"],
                    elem_id="player",
                )
                took = gr.HTML(EMPTY, elem_id="took")
        action = speak_action(form, service, requests, guards)
        for trigger in (button.click, form.text.submit):
            trigger(action, form.controls(), [player, took], concurrency_limit=None, api_visibility="private")
    return page


def _player() -> gr.Audio:
    return gr.Audio(
        label="Audio",
        interactive=False,
        autoplay=True,
        format="wav",
        buttons=["download"],
        elem_id="player",
    )


def _form(max_chars: int) -> Form:
    text = gr.Textbox(
        label="Text",
        lines=4,
        max_lines=12,
        max_length=max_chars,
        placeholder="What shall be said? Shift+Enter speaks.",
        elem_id="text",
    )
    examples = _example_buttons()
    with gr.Row():
        languages = [("Detect", "auto"), *((label, code) for code, label in LANGUAGE_LABELS.items())]
        language = gr.Dropdown(languages, value="auto", label="Language", min_width=170)
        speakers = [(label, code) for code, label in SPEAKERS.items()]
        speaker = gr.Dropdown(speakers, value=next(iter(SPEAKERS)), label="Voice", min_width=170)
    presets = [(name.capitalize(), name) for name in (*PRESETS, CUSTOM)]
    preset = gr.Radio(presets, value="neutral", label="Emotion")
    with gr.Row():
        intensity = gr.Slider(0, 1, value=1, step=0.05, label="Intensity", min_width=140)
        speed = gr.Slider(0.5, 2, value=1, step=0.05, label="Speed", min_width=140)
    with gr.Accordion("Mix emotions", open=False):
        sliders = _sliders()
    preset.input(None, preset, sliders, js=PRESET_TO_SLIDERS, api_visibility="private")
    for slider in sliders:
        slider.input(None, None, preset, js=SLIDER_TO_PRESET, api_visibility="private")
    for code, button in examples.items():
        sentence = json.dumps([EXAMPLES[code], code])
        button.click(None, None, [text, language], js=f"() => {sentence}", api_visibility="private")
    return Form(text, language, speaker, preset, sliders, intensity, speed)


def _example_buttons() -> dict[str, gr.Button]:
    with gr.Row(elem_classes="vox-examples"):
        gr.HTML("<span>Examples</span>", padding=False, elem_classes="vox-examples-label")
        return {
            code: gr.Button(LANGUAGE_LABELS[code].split(" · ")[0], size="sm", min_width=40, elem_classes="vox-example")
            for code in EXAMPLES
        }


def _sliders() -> list[gr.Slider]:
    sliders = []
    for pair in range(0, len(EMOTIONS), 2):
        with gr.Row():
            sliders += [
                gr.Slider(0, 1, value=0, step=0.05, label=name.capitalize(), min_width=140)
                for name in EMOTIONS[pair : pair + 2]
            ]
    return sliders


def speak_action(form: Form, service: SpeechService, requests: RequestLog, guards: Guards) -> Callable[..., Any]:
    """What Speak does: one request, one line; gives the audio and the figures, or no audio and one readable line."""

    async def speak(values: dict[Any, Any], request: gr.Request) -> tuple[bytes | None, str]:
        client = client_of(request.request.scope) if request.request else ""
        line = requests.open(Caller(source="webui", client=client or None, session=request.session_hash))
        audio, error = None, None
        try:
            guards.limits.check(client)
            spoken = await service.speak(form.order(values), line)
            audio = spoken.audio
            line.audio_follows()
            line.handed_over()
        except Exception as exc:  # noqa: BLE001 - whatever it is, the page shows one line and the log gets one
            line.fail(exc)
            error = exc
        except BaseException as exc:
            line.fail(exc)
            raise
        finally:
            event = line.close()
            if event.fault == "client":
                guards.flood.refused(client)
        return audio, failure_html(event, error) if error else figures_html(event)

    return speak
