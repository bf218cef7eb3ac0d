"""The words of the page, Chinese and English: one file for the controls here and for the scripts in the browser."""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr

FOLDER = Path(__file__).with_name("page")
TEXTS: dict[str, dict[str, str]] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))

# Gives a label that the browser puts into its language.
translated = gr.I18n(**TEXTS)
