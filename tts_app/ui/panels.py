"""The parts of the page that scripts fill in. A word with `data-text` is put into the page's language by texts.js."""

from __future__ import annotations

from string import Template

HEAD = """
<div class="vox-head">
  <div><h1>Voxmeter</h1><p data-text="tagline"></p></div>
  <p class="vox-links">
    <a id="vox-account" class="vox-link" data-text="sign.out" hidden></a>
    <button type="button" id="vox-language" class="vox-link" data-text="language.switch" data-label="language.switch.label"></button>
  </p>
</div>
"""

COUNT = '<p id="vox-count" class="vox-count"></p>'
EXAMPLES = '<span data-text="examples"></span>'
NO_EMOTION = '<p class="vox-hint" data-text="emotion.none"></p>'

_FILE = Template("""
<div class="vox-file" id="vox-$id">
  <span class="vox-label" data-text="$label"></span>
  <p class="vox-file-line">
    <input type="file" id="vox-$id-file" class="vox-unseen" accept="audio/*,.wav,.flac,.mp3,.ogg,.opus,.m4a"
      data-label="$label" aria-describedby="vox-$id-hint">
    <label for="vox-$id-file" class="vox-small" data-text="file.choose"></label>
    <span class="vox-file-name"></span>
  </p>
  <p class="vox-hint" id="vox-$id-hint" data-text="reference.hint"></p>
  <p class="vox-file-error" role="alert"></p>
  <div class="vox-file-chosen" hidden>
    <audio controls data-label="$label"></audio>
    <button type="button" class="vox-small" data-text="file.remove"></button>
  </div>
  $more
</div>
""")
_SPOKEN = """
  <label for="vox-reference-text" data-text="reference.text"></label>
  <input type="text" id="vox-reference-text" class="vox-input" maxlength="500">
"""
REFERENCE = _FILE.substitute(id="reference", label="reference", more=_SPOKEN)
EMOTION_AUDIO = _FILE.substitute(id="emotion", label="emotion.audio", more="")

RESULT = """
<section class="vox-panel" aria-labelledby="vox-audio-title">
  <h2 id="vox-audio-title" class="vox-title" data-text="audio"></h2>
  <p id="vox-status" class="vox-status" role="status" aria-live="polite" data-text="empty"></p>
  <div id="vox-error" role="alert"></div>
  <div id="vox-playing" hidden>
    <audio id="vox-player" controls data-label="player"></audio>
    <a id="vox-download" class="vox-small" data-text="download" download="voxmeter.wav"></a>
  </div>
  <div id="vox-took"></div>
</section>
<section class="vox-panel" aria-labelledby="vox-history-title">
  <div class="vox-history-head">
    <h2 id="vox-history-title" class="vox-title" data-text="history"></h2>
    <label class="vox-check"><input type="checkbox" id="vox-keep"> <span data-text="history.keep"></span></label>
    <button type="button" id="vox-clear" class="vox-small" data-text="history.clear"></button>
  </div>
  <p class="vox-hint" data-text="history.hint"></p>
  <ol id="vox-history" class="vox-history"></ol>
</section>
"""

RECENT = """
<section class="vox-panel" id="vox-recent" aria-live="off"></section>
<button type="button" id="vox-refresh" class="vox-small" data-text="recent.refresh"></button>
"""
