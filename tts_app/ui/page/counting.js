// How long a text is, and how long it will take: from what was spoken of late, else from what is usual.

import { engineOf } from './form.js';

const USUAL_RTF = { espeak: 0.003 };
// Seconds of speech of one character.
const KINDS = [
  [/[\u3040-\u30ff\uff66-\uff9d]/gu, 0.13],
  [/[\uac00-\ud7a3]/gu, 0.18],
  [/[\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{323af}]/gu, 0.24],
];
const OTHER_SECONDS = 0.068;

export const cleaned = (text) => text.normalize('NFC').trim();

// As the service guesses it.
export function guessed(text) {
  if (/[\u3040-\u30ff\uff66-\uff9d]/u.test(text)) return 'ja';
  if (/[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]/u.test(text)) return 'ko';
  return /[\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{323af}]/u.test(text) ? 'zh' : 'en';
}

export function estimate(settings, catalog, recent) {
  const text = cleaned(settings.text);
  const chars = [...text].length;
  const engine = engineOf(settings, catalog);
  const most = Math.min(catalog.max_chars, engine.info?.max_chars ?? catalog.max_chars);
  const pace = recent?.pace?.[engine.name];
  const own = pace?.languages?.[settings.language === 'auto' ? guessed(text) : settings.language];
  const speed = engine.info?.speed ? settings.speed : 1;
  const audio = (own?.chars_a_second ? chars / own.chars_a_second : usualSeconds(text)) / speed;
  const tokens = Math.round(own?.tokens_a_char ? chars * own.tokens_a_char : usualTokens(text));
  const rtf = pace?.rtf ?? USUAL_RTF[engine.kind];
  return { chars, most, tokens, audio, wait: rtf == null ? null : audio * rtf };
}

function usualSeconds(text) {
  let left = [...text].length;
  let total = 0;
  for (const [kind, each] of KINDS) {
    const number = (text.match(kind) ?? []).length;
    left -= number;
    total += number * each;
  }
  return total + left * OTHER_SECONDS;
}

// As most tokenizers go: a character of these scripts is one, some four letters of others are.
function usualTokens(text) {
  const wide = KINDS.reduce((sum, [kind]) => sum + (text.match(kind) ?? []).length, 0);
  return wide + Math.ceil(([...text].length - wide) / 4);
}
