// Between the values of the controls and what they mean; and what each engine leaves to choose.

import { has, language as pageLanguage, languageName, named, t } from './texts.js';

export const EMOTIONS = ['happy', 'angry', 'sad', 'afraid', 'disgusted', 'melancholic', 'surprised', 'calm'];
const BEFORE = ['text', 'engine', 'language', 'speaker', 'mode', 'preset'];
const AFTER = ['description', 'intensity', 'speed'];
export const FIELDS = [...BEFORE, ...EMOTIONS, ...AFTER];
const LABELS = { speaker: 'voice', preset: 'emotion' };
export const DEFAULTS = {
  text: '', engine: '', language: 'auto', speaker: '', mode: 'preset', preset: 'neutral',
  vector: EMOTIONS.map(() => 0), description: '', intensity: 1, speed: 1,
};
export const EXAMPLES = {
  zh: '今天天气很好,我们一起去公园散步吧。',
  en: 'Good morning! The train to the coast leaves in ten minutes.',
  ja: '今日は2026年8月18日、とても良い天気ですね。',
  ko: '안녕하세요, 만나서 반갑습니다.',
  yue: '早晨,今日想食啲乜嘢呀?',
};

export function settingsOf(values) {
  const found = Object.fromEntries(FIELDS.map((name, index) => [name, values[index]]));
  const settings = { vector: EMOTIONS.map((name) => Number(found[name]) || 0) };
  for (const name of [...BEFORE, ...AFTER]) settings[name] = found[name] ?? DEFAULTS[name];
  return settings;
}

export const engineOf = (settings, catalog) =>
  catalog.engines.find((engine) => engine.name === settings.engine) ?? catalog.engines[0];

// The settings with everything that the engine doesn't have replaced by what it has.
export function fitted(settings, catalog, cloning) {
  const fit = { ...DEFAULTS, ...settings };
  const engine = engineOf(fit, catalog);
  const info = engine.info;
  const modes = info?.emotion_modes ?? [];
  fit.engine = engine.name;
  if (!info?.languages.includes(fit.language)) fit.language = 'auto';
  const speakers = speakersOf(info, fit.language).map((speaker) => speaker.id);
  if (cloning && info?.clones) fit.speaker = '';
  else if (!speakers.includes(fit.speaker)) fit.speaker = speakers[0] ?? '';
  if (!modes.includes(fit.mode)) fit.mode = modes[0] ?? 'none';
  return fit;
}

// What gradio shall show: values in the order of FIELDS, with what there is to choose.
export function updatesOf(fit, catalog, cloning) {
  const info = engineOf(fit, catalog).info;
  const speakers = speakersOf(info, fit.language).map((speaker) => [voiceName(speaker.label), speaker.id]);
  const languages = ['auto', ...(info?.languages ?? [])];
  const choices = {
    engine: catalog.engines.map((engine) => [engineName(engine), engine.name]),
    language: languages.map((code) => [languageName(code), code]),
    speaker: cloning && info?.clones ? [[t('voice.own'), '']] : speakers.length ? speakers : [['–', '']],
    mode: (info?.emotion_modes ?? []).map((mode) => [t(`mode.${mode}`), mode]),
    preset: ['neutral', ...EMOTIONS].map((name) => [t(`emotion.${name}`), name]),
  };
  showFor(fit, catalog);
  return FIELDS.map((name) => {
    const at = EMOTIONS.indexOf(name);
    const value = at < 0 ? fit[name] : fit.vector[at];
    const update = { __type__: 'update', value, label: t(LABELS[name] ?? (at < 0 ? name : `emotion.${name}`)) };
    if (choices[name]) update.choices = choices[name];
    if (has(`${name}.placeholder`)) update.placeholder = t(`${name}.placeholder`);
    return update;
  });
}

// Beside the controls: buttons and tabs, which only have words.
export const WORDED = () => [
  { __type__: 'update', value: t('speak') },
  { __type__: 'update', value: t('cancel') },
  { __type__: 'update', label: t('tab.speak') },
  { __type__: 'update', label: t('tab.recent') },
];

// The parts of the page that an engine has no use for are hidden by the style sheet.
function showFor(fit, catalog) {
  const info = engineOf(fit, catalog).info;
  const flags = document.body.dataset;
  flags.engines = catalog.engines.length;
  flags.emotion = fit.mode;
  flags.modes = info?.emotion_modes.length ?? 0;
  flags.clones = info?.clones ? 'yes' : 'no';
  flags.speed = !info || info.speed ? 'yes' : 'no';
  flags.languages = ` ${(info?.languages ?? []).join(' ')} `;
}

function speakersOf(info, code) {
  const all = info?.speakers ?? [];
  const own = all.filter((speaker) => code === 'auto' || !speaker.language || speaker.language === code);
  return own.length ? own : all;
}

function engineName(engine) {
  const name = engine.name === 'espeak' ? 'eSpeak NG' : engine.name;
  return engine.state === 'ready' ? name : `${name} (${t(`engine.${engine.state}`)})`;
}

function voiceName(label) {
  if (pageLanguage !== 'zh') return label;
  return label.replace(/^Female /, '女声 ').replace(/^Male /, '男声 ');
}

// The fields of POST speak; recordings come as files.
export function bodyOf(settings, files, catalog) {
  const body = new FormData();
  const info = engineOf(settings, catalog).info;
  const put = (name, value) => value !== '' && value != null && body.append(name, value);
  body.append('input', settings.text);
  put('engine', settings.engine);
  put('language', settings.language);
  put('voice', settings.speaker);
  if (info?.speed) put('speed', settings.speed);
  if (info?.clones && files.reference) {
    put('reference_audio', files.reference);
    put('reference_text', files.referenceText);
  }
  if (settings.mode === 'preset') put('emotion', settings.preset);
  if (settings.mode === 'vector') put('emotion_vector', settings.vector.join(','));
  if (settings.mode === 'text') put('emotion_text', settings.description.trim());
  if (settings.mode === 'audio') put('emotion_audio', files.emotion);
  put('emotion_intensity', settings.intensity);
  return body;
}

export function moodOf(settings) {
  if (settings.mode === 'preset') return settings.preset === 'neutral' ? '' : named('emotion', settings.preset);
  if (settings.mode !== 'vector') return settings.mode === 'none' ? '' : t(`mode.${settings.mode}`);
  return EMOTIONS.filter((_, at) => settings.vector[at] > 0).map((name) => named('emotion', name)).join(' + ');
}
