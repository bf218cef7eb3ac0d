"""The page: its parts, and which script of the browser each action calls. Nothing of it runs on the server.

The scripts speak with the routes of `endpoints.webui`: a request can be cancelled by going away, its text and recordings
stay in memory, and gradio keeps no file.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from tts_app.ui import panels
from tts_app.ui.form import Form, build_form
from tts_app.ui.texts import translated

# Loaded by the page itself, so that its address is right behind any proxy.
START = """async () => {
  const { start } = await import(new URL('page/main.js', document.baseURI).href);
  return start();
}"""


def build_page() -> gr.Blocks:
    """Two tabs: speaking, and the last 24 hours."""
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False, title="Voxmeter") as page:
        gr.HTML(panels.HEAD, padding=False, elem_classes="vox-plain")
        with gr.Tabs():
            with gr.Tab(translated("tab.speak")) as speaking, gr.Row(elem_classes="vox-columns"):
                with gr.Column(scale=3, min_width=320):
                    form = build_form()
                with gr.Column(scale=2, min_width=320, elem_classes="vox-side"):
                    gr.HTML(panels.RESULT, padding=False, elem_classes="vox-plain")
            with gr.Tab(translated("tab.recent")) as recent:
                gr.HTML(panels.RECENT, padding=False, elem_classes="vox-plain")
        refill = gr.Button(visible="hidden", elem_id="refill")
        _connect(form)
        # All that bears a word: the scripts may put it into another language (`WORDED` in form.js).
        worded = [*form.controls, form.speak, form.cancel, speaking, recent]
        page.load(None, None, worded, js=START, **_PRIVATE)
        refill.click(None, None, worded, js="() => window.voxmeter.refill()", **_PRIVATE)
        recent.select(None, None, None, js="() => { window.voxmeter.showRecent(); return []; }", **_PRIVATE)
    return page


_PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def _connect(form: Form) -> None:
    controls = form.controls
    form.speak.click(None, controls, None, js=_call("speak"), **_PRIVATE)
    form.cancel.click(None, None, None, js="() => { window.voxmeter.cancel(); return []; }", **_PRIVATE)
    for control in controls:
        if control in form.deciding:
            control.input(None, controls, controls, js="(...values) => window.voxmeter.chosen(values)", **_PRIVATE)
        else:
            control.change(None, controls, None, js=_call("typed"), **_PRIVATE)
    for code, button in form.examples.items():
        button.click(
            None, controls, controls, js=f"(...values) => window.voxmeter.example({code!r}, values)", **_PRIVATE
        )


def _call(name: str) -> str:
    return f"(...values) => {{ window.voxmeter.{name}(values); return []; }}"
