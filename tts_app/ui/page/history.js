// What was spoken, kept in this browser alone: text, settings and audio in IndexedDB.

import { find, h, remember, remembered, seconds } from './dom.js';
import { moodOf } from './form.js';
import { language, t } from './texts.js';

const MOST = 50;
const MOST_BYTES = 64 * 2 ** 20;
let store = null;
let entries = [];
let use = () => {};
let play = () => {};

const keeping = () => remembered('keep') !== false;

export async function startHistory(actions) {
  ({ use, play } = actions);
  store = await opened().catch(() => null);
  entries = store ? await all() : [];
  const keep = find('vox-keep');
  keep.checked = keeping();
  keep.addEventListener('change', async () => {
    if (!keep.checked && entries.length && !(await clear())) keep.checked = true;
    remember('keep', keep.checked);
    renderHistory();
  });
  find('vox-clear').addEventListener('click', clear);
  renderHistory();
}

export async function keepSpoken(entry) {
  if (!keeping()) return;
  entries.unshift({ ...entry, id: Date.now() + Math.random() });
  let bytes = 0;
  const kept = entries.filter((each, at) => (bytes += each.audio.size) <= MOST_BYTES && at < MOST);
  const gone = entries.slice(kept.length);
  entries = kept.length ? kept : entries.slice(0, 1);
  await change((table) => {
    if (kept.length) table.put(entries[0]);
    for (const each of gone) table.delete(each.id);
  });
  renderHistory();
}

async function clear() {
  if (entries.length && !window.confirm(t('history.clear.sure'))) return false;
  entries = [];
  await change((table) => table.clear());
  renderHistory();
  return true;
}

async function remove(entry) {
  entries = entries.filter((each) => each !== entry);
  await change((table) => table.delete(entry.id));
  renderHistory();
  find('vox-clear').focus();
}

export function renderHistory() {
  const empty = keeping() ? 'history.empty' : 'history.off';
  find('vox-clear').disabled = !entries.length;
  find('vox-history').replaceChildren(...(entries.length ? entries.map(row) : [h('li', { class: 'vox-hint' }, t(empty))]));
}

function row(entry) {
  const { settings, figures } = entry;
  const at = new Date(entry.at).toLocaleTimeString(language === 'zh' ? 'zh-CN' : 'en', { hour: '2-digit', minute: '2-digit' });
  const about = [at, figures.engine, figures.speaker?.startsWith('ref:') ? t('voice.own') : figures.speaker, moodOf(settings)];
  const short = settings.text.length > 40 ? `${settings.text.slice(0, 40)}…` : settings.text;
  const button = (action, act) =>
    h('button', { type: 'button', class: 'vox-small', onclick: act, 'aria-label': t('history.of', { action: t(`history.${action}`), text: short }) },
      t(`history.${action}`));
  return h('li', {},
    h('p', { class: 'vox-said', lang: figures.language }, settings.text),
    h('p', { class: 'vox-hint' }, [...about, seconds(figures.audio_seconds)].filter(Boolean).join(' · ')),
    h('p', { class: 'vox-row-buttons' },
      button('play', () => play(entry)), button('use', () => use(entry)),
      button('download', () => download(entry)), button('remove', () => remove(entry))));
}

function download(entry) {
  const url = URL.createObjectURL(entry.audio);
  h('a', { href: url, download: fileName(entry) }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// The first words of the text and the time, so that ten downloads are told apart.
export function fileName({ settings, at }) {
  const words = settings.text.trim().slice(0, 24).replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  const time = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace(/[:T]/g, '');
  return `${words || 'voxmeter'}-${time}.wav`;
}

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('voxmeter', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('spoken', { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function all() {
  return new Promise((resolve) => {
    const request = store.transaction('spoken').objectStore('spoken').getAll();
    request.onsuccess = () => resolve(request.result.sort((one, other) => other.at - one.at));
    request.onerror = () => resolve([]);
  });
}

// Where nothing can be kept the list lasts as long as the page.
function change(act) {
  if (!store) return Promise.resolve();
  return new Promise((resolve) => {
    const transaction = store.transaction('spoken', 'readwrite');
    transaction.oncomplete = transaction.onerror = transaction.onabort = () => resolve();
    act(transaction.objectStore('spoken'));
  });
}
