// Recordings that the user chooses: they stay in the browser until a request takes them along.

import { find } from './dom.js';
import { t } from './texts.js';

const chosen = { reference: null, emotion: null };

export const files = {
  get reference() { return chosen.reference; },
  get emotion() { return chosen.emotion; },
  get referenceText() { return find('vox-reference-text').value.trim(); },
};

export function startFiles(maxBytes, changed) {
  for (const name of Object.keys(chosen)) connect(name, maxBytes, changed);
}

function connect(name, maxBytes, changed) {
  const box = find(`vox-${name}`);
  const input = find(`vox-${name}-file`);
  const fileName = box.querySelector('.vox-file-name');
  const [error, shown] = [box.querySelector('.vox-file-error'), box.querySelector('.vox-file-chosen')];
  const take = (file) => {
    const tooLarge = file && file.size > maxBytes;
    chosen[name] = tooLarge ? null : (file ?? null);
    error.textContent = tooLarge ? t('file.toolarge', { size: Math.floor(maxBytes / 2 ** 20) }) : '';
    const audio = shown.querySelector('audio');
    if (audio.src) URL.revokeObjectURL(audio.src);
    shown.hidden = !chosen[name];
    fileName.textContent = chosen[name]?.name ?? '';
    if (chosen[name]) audio.src = URL.createObjectURL(chosen[name]);
    else {
      audio.removeAttribute('src');
      input.value = '';
    }
    changed();
  };
  input.addEventListener('change', () => take(input.files[0]));
  shown.querySelector('button').addEventListener('click', () => {
    take(null);
    input.focus();
  });
}
