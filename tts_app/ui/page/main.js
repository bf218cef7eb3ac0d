// The page at work: gradio's controls call `window.voxmeter`, which knows what was chosen and does what was asked.

import { about, find, h, remember, remembered, seconds } from './dom.js';
import { estimate } from './counting.js';
import { failure, took } from './figures.js';
import { files, startFiles } from './files.js';
import { EMOTIONS, EXAMPLES, WORDED, bodyOf, fitted, settingsOf, updatesOf } from './form.js';
import { fileName, keepSpoken, renderHistory, startHistory } from './history.js';
import { Playing } from './playing.js';
import { loadRecent, renderRecent } from './recent.js';
import { Failed, Wav, spoken } from './speaking.js';
import { language, loadTexts, putTexts, switchLanguage, t } from './texts.js';

const CATALOG_AGAIN_MS = 5000;
let catalog = { max_chars: 0, max_upload_bytes: 0, engines: [] };
let recent = null;
let settings = null;
let working = null;
let shownUrl = null;

const cloning = () => files.reference !== null;

async function loadCatalog() {
  const response = await fetch(new URL('../catalog', import.meta.url));
  catalog = await response.json();
  if (catalog.engines.some((engine) => engine.state === 'loading')) setTimeout(lookAgain, CATALOG_AGAIN_MS);
}

async function lookAgain() {
  await loadCatalog().catch(() => setTimeout(lookAgain, CATALOG_AGAIN_MS));
  press('refill');
}

const press = (id) => find(id).click();

function shown(next) {
  settings = fitted(next, catalog, cloning());
  keepForm();
  count();
  return updatesOf(settings, catalog, cloning());
}

// A text outlives a reload of its tab, and no more than that; what was chosen is there again next time.
function keepForm() {
  const { text, description, ...chosen } = settings;
  remember('form', chosen);
  remember('text', { text, description }, sessionStorage);
}

function count() {
  const { chars, most, tokens, audio, wait } = estimate(settings, catalog, recent);
  const over = chars > most;
  const numbers = new Intl.NumberFormat(language);
  const told = [t('count.chars', { n: numbers.format(chars), most: numbers.format(most) })];
  if (over) told.push(t('count.over', { n: numbers.format(chars - most) }));
  else if (chars) {
    told.push(t('count.tokens', { n: numbers.format(tokens) }), t('count.seconds', { audio: about(audio) }));
    if (wait !== null) told.push(t('count.ready', { wait: about(wait) }));
  }
  const place = find('vox-count');
  place.replaceChildren(...told.map((words) => h('span', {}, words)));
  place.classList.toggle('vox-over', over);
}

function tell(key, values) {
  find('vox-status').textContent = key ? t(key, values) : '';
}

function busy(on) {
  document.body.dataset.busy = on ? 'yes' : 'no';
  find('speak').setAttribute('aria-disabled', String(on));
}

async function speak() {
  if (working) return;
  find('vox-error').replaceChildren();
  if (settings.mode === 'audio' && !files.emotion) {
    fail(new Failed({ code: 'REF_AUDIO_INVALID', message: t('emotion.audio.missing') }));
    return;
  }
  working = new AbortController();
  const playing = new Playing(find('vox-player'));
  const asked = { ...settings };
  busy(true);
  tell('status.sending');
  if (matchMedia('(max-width: 700px)').matches) find('vox-status').scrollIntoView({ block: 'center', behavior: 'smooth' });
  try {
    const { wav, figures } = await heard(asked, playing);
    await finish(asked, wav, figures, playing);
  } catch (error) {
    playing.stop();
    if (working.signal.aborted) tell('status.cancelled');
    else fail(error);
  } finally {
    working = null;
    busy(false);
  }
}

const tellWorking = (since) => tell('status.working', { seconds: `${Math.round((performance.now() - since) / 1000)} s` });

async function heard(asked, playing) {
  const wav = new Wav();
  const since = performance.now();
  const ticking = setInterval(() => {
    if (!wav.rate) tellWorking(since);
  }, 1000);
  try {
    for await (const event of spoken(bodyOf(asked, files, catalog), working.signal)) {
      if (event.type === 'queue' && event.place) {
        clearInterval(ticking);
        tell('status.queue', { place: event.place });
      } else if (event.type === 'queue') tellWorking(since);
      else if (event.type === 'audio') {
        playing.add(wav.add(event.audio), wav.rate);
        if (playing.live) tell('status.streaming', { seconds: about(wav.seconds) });
      } else return { wav, figures: event.figures };
    }
  } finally {
    clearInterval(ticking);
  }
  throw new Failed({ code: 'NETWORK', message: '', retryable: true });
}

async function finish(asked, wav, figures, playing) {
  const entry = { at: Date.now(), settings: asked, figures, audio: wav.blob() };
  show(entry);
  find('vox-took').replaceChildren(...took(figures));
  tell('status.done', { audio: seconds(figures.audio_seconds), first: seconds(figures.first_audio_seconds) });
  await playing.finish(shownUrl, figures.audio_seconds ?? wav.seconds);
  await keepSpoken(entry);
  recent = await loadRecent().catch(() => recent);
  count();
}

function show(entry) {
  if (shownUrl) URL.revokeObjectURL(shownUrl);
  shownUrl = URL.createObjectURL(entry.audio);
  Object.assign(find('vox-download'), { href: shownUrl, download: fileName(entry) });
  find('vox-playing').hidden = false;
}

function replay(entry) {
  working?.abort();
  find('vox-error').replaceChildren();
  show(entry);
  find('vox-player').src = shownUrl;
  find('vox-player').play().catch(() => {});
  find('vox-took').replaceChildren(...took(entry.figures));
  tell('status.done', { audio: seconds(entry.figures.audio_seconds), first: seconds(entry.figures.first_audio_seconds) });
}

function fail(error) {
  tell('');
  if (!(error instanceof Failed)) console.error(error);
  const told = error instanceof Failed ? error : new Failed({ code: 'INTERNAL', message: '', retryable: true });
  find('vox-error').replaceChildren(failure(told, speak));
  if (told.figures) find('vox-took').replaceChildren(...took(told.figures));
}

function known(values) {
  settings = fitted(settingsOf(values), catalog, cloning());
  keepForm();
}

// gradio tells of a key before it knows the text: the count would be one behind.
function typing(event) {
  if (!event.target.closest('#text')) return;
  settings = { ...settings, text: event.target.value };
  keepForm();
  count();
}

function keys(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    press('speak');
  } else if (event.key === 'Escape' && working) working.abort();
}

// gradio's own controls, called by their labels, which stand in other elements.
function describe() {
  const text = find('text').querySelector('textarea');
  text.setAttribute('aria-describedby', 'vox-count');
  text.setAttribute('aria-keyshortcuts', 'Control+Enter');
  find('cancel').setAttribute('aria-keyshortcuts', 'Escape');
}

export async function start() {
  await loadTexts();
  await loadCatalog();
  recent = await loadRecent().catch(() => null);
  putWords();
  describe();
  busy(false);
  find('vox-account').hidden = !catalog.signed_in;
  find('vox-account').href = new URL('../../login', import.meta.url).href;
  find('vox-language').addEventListener('click', inOtherWords);
  document.addEventListener('keydown', keys);
  document.addEventListener('input', typing);
  startFiles(catalog.max_upload_bytes, () => press('refill'));
  await startHistory({ play: replay, use: useAgain });
  window.voxmeter = {
    speak: (values) => { known(values); speak(); },
    cancel: () => working?.abort(),
    typed: (values) => { known(values); count(); },
    chosen,
    example: (code, values) => shown({ ...settingsOf(values), text: EXAMPLES[code], language: 'auto' }),
    refill: () => [...shown(settings), ...WORDED()],
    showRecent: renderRecent,
  };
  settings = { ...(remembered('form') ?? {}), ...(remembered('text', sessionStorage) ?? {}) };
  return window.voxmeter.refill();
}

const putWords = () => putTexts({ size: Math.floor(catalog.max_upload_bytes / 2 ** 20) });

async function inOtherWords() {
  await switchLanguage();
  putWords();
  renderHistory();
  find('vox-took').replaceChildren();
  find('vox-error').replaceChildren();
  if (find('vox-recent')) renderRecent();
  press('refill');
}

// Sliders begin with the preset that was chosen before them.
function chosen(values) {
  const next = settingsOf(values);
  if (next.mode === 'vector' && settings.mode === 'preset' && !next.vector.some(Boolean)) {
    next.vector = fromPreset(next.preset);
  }
  return shown(next);
}

const fromPreset = (preset) => EMOTIONS.map((name) => (name === preset ? 1 : 0));

function useAgain(entry) {
  settings = { ...entry.settings };
  press('refill');
  tell('history.used');
  find('text').querySelector('textarea').focus();
}
