// What a request took, as bars with the same figures in a table; and errors with what to do about them.

import { h, seconds } from './dom.js';
import { has, language, named, t } from './texts.js';

export function took(figures) {
  const total = figures.total_seconds || 1;
  const rows = figures.steps.map((step) =>
    h('tr', {},
      h('th', { scope: 'row' }, named('step', step.name)),
      h('td', { class: 'vox-bar', 'aria-hidden': 'true' },
        h('span', { class: `vox-step-${kindOf(step.name)}`, style: `width:${Math.max(0.5, (100 * step.seconds) / total).toFixed(2)}%` })),
      h('td', {}, seconds(step.seconds))));
  return [
    h('h2', { class: 'vox-title' }, t('took')),
    h('dl', { class: 'vox-cards' },
      ...card('took.total', seconds(figures.total_seconds)),
      ...card('took.first', seconds(figures.first_audio_seconds)),
      ...card('took.audio', seconds(figures.audio_seconds)),
      ...card('took.rtf', figures.rtf == null ? '–' : figures.rtf.toFixed(4), t('took.rtf.hint'))),
    h('table', { class: 'vox-steps' },
      h('caption', { class: 'vox-unseen' }, t('took')),
      h('thead', { class: 'vox-unseen' }, h('tr', {},
        h('th', { scope: 'col' }, t('took.step')), h('td', { 'aria-hidden': 'true' }), h('th', { scope: 'col' }, t('took.time')))),
      h('tbody', {}, ...rows)),
    ...warnings(figures),
    more(figures),
  ];
}

const kindOf = (name) => (['queue', 'encode', 'deliver'].includes(name) ? name : 'engine');

const card = (key, value, hint) => [
  h('div', { class: 'vox-card', title: hint }, h('dt', {}, t(key)), h('dd', {}, value)),
];

const warnings = (figures) =>
  figures.warnings.map((name) => h('p', { class: 'vox-warning' }, named('warning', name)));

function more(figures) {
  const known = [
    ['engine', figures.engine],
    ['took.tokens', figures.text_tokens],
    ['took.segments', figures.segments],
    ['took.rate', figures.sample_rate_hz && `${figures.sample_rate_hz} Hz`],
    ['took.worker', figures.worker == null ? null : `${figures.worker}${figures.cold_start ? ` (${t('took.cold')})` : ''}`],
  ].filter(([, value]) => value != null);
  return h('p', { class: 'vox-id' },
    ...known.map(([key, value]) => h('span', {}, `${t(key)} ${value}`)),
    h('span', {}, `${t('took.request')} `, h('code', {}, figures.request_id)));
}

// `again` is called where it makes sense to try the same once more.
export function failure(error, again) {
  const known = has(`error.${error.code}`) ? error.code : 'INTERNAL';
  const what = language === 'en' && error.message ? error.message : t(`error.${known}`);
  const action =
    error.code === 'UNAUTHORIZED'
      ? h('a', { class: 'vox-small', href: new URL('../../login', import.meta.url).href }, t('error.signin'))
      : error.retryable && h('button', { type: 'button', class: 'vox-small', onclick: again }, t('error.again'));
  return h('div', { class: 'vox-error' },
    h('p', {}, h('strong', {}, what), ' ', h('code', {}, error.code)),
    h('p', {}, t(`advice.${known}`)),
    action || null,
    error.requestId ? h('p', { class: 'vox-id' }, `${t('took.request')} `, h('code', {}, error.requestId)) : null);
}
