// The last 24 hours: figures of everybody's requests, without a text.

import { find, h, percent, seconds } from './dom.js';
import { language, named, putTexts, t } from './texts.js';

export async function loadRecent() {
  const response = await fetch(new URL('../recent', import.meta.url));
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

// gradio makes the tab's content when it is chosen for the first time.
export async function renderRecent() {
  while (!find('vox-recent')) await new Promise(requestAnimationFrame);
  const panel = find('vox-recent');
  putTexts({}, panel.parentElement);
  find('vox-refresh').onclick = renderRecent;
  try {
    panel.replaceChildren(...parts(await loadRecent()));
  } catch {
    panel.replaceChildren(h('p', { class: 'vox-warning', role: 'alert' }, t('recent.unknown')));
  }
}

const locale = () => (language === 'zh' ? 'zh-CN' : 'en');
const clock = (iso) => new Date(iso).toLocaleString(locale(), { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

function parts(summary) {
  const since = h('p', { class: 'vox-hint' }, t('recent.since', { since: clock(summary.since) }));
  if (!summary.all.requests) return [since, h('p', {}, t('recent.empty'))];
  return [
    since,
    h('dl', { class: 'vox-cards' }, ...Object.entries(cells(summary.all)).map(([key, value]) =>
      h('div', { class: 'vox-card' }, h('dt', {}, t(`recent.${key}`)), h('dd', {}, value)))),
    h('p', { class: 'vox-hint' }, t('recent.wait.hint')),
    hours(summary.hours),
    table('engines', 'engine', summary.engines, (name) => name),
    table('emotions', 'emotion', summary.emotions, (name) => named('emotion', name)),
    errors(summary.errors),
  ];
}

const cells = (group) => ({
  requests: group.requests.toLocaleString(locale()),
  success: percent(group.success),
  p50: seconds(group.p50),
  p95: seconds(group.p95),
});

function table(title, first, groups, name) {
  const heads = [t(first), ...['requests', 'success', 'p50', 'p95'].map((key) => t(`recent.${key}`))];
  const rows = groups.map((group) => [name(group.name), ...Object.values(cells(group))]);
  return figures(t(`recent.${title}`), heads, rows);
}

function errors(found) {
  if (!found.length) return h('p', {}, t('recent.none'));
  const rows = found.map(({ code, requests }) => [code, named('error', code), requests.toLocaleString(locale())]);
  const table = figures(t('recent.errors'), [t('recent.code'), t('recent.meaning'), t('recent.requests')], rows);
  table.classList.add('vox-words');
  return table;
}

function figures(caption, heads, rows) {
  return h('div', { class: 'vox-scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', { class: 'vox-table' },
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, ...rows.map(([head, ...rest]) =>
        h('tr', {}, h('th', { scope: 'row' }, head), ...rest.map((value) => h('td', {}, value)))))));
}

// Upright bars, and the same figures as a table for who doesn't see them.
function hours(all) {
  const most = Math.max(1, ...all.map((hour) => hour.ok + hour.failed));
  const clockHour = (hour) => new Date(hour.start).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', hour12: false });
  const bar = (hour) => h('div', { title: `${clockHour(hour)} · ${hour.ok} ${t('recent.ok')} · ${hour.failed} ${t('recent.failed')}` },
    h('span', { class: 'vox-failed', style: `height:${(100 * hour.failed) / most}%` }),
    h('span', { class: 'vox-ok', style: `height:${(100 * hour.ok) / most}%` }));
  const told = figures(t('recent.hours'), [t('recent.hour'), t('recent.ok'), t('recent.failed')],
    all.map((hour) => [clockHour(hour), hour.ok, hour.failed]));
  told.classList.add('vox-unseen');
  told.removeAttribute('tabindex');
  return h('div', { class: 'vox-hours-box' },
    h('p', { class: 'vox-caption', 'aria-hidden': 'true' }, t('recent.hours'), h('span', { class: 'vox-key vox-ok' }), t('recent.ok'),
      h('span', { class: 'vox-key vox-failed' }), t('recent.failed')),
    h('div', { class: 'vox-hours', 'aria-hidden': 'true' }, ...all.map(bar)),
    h('p', { class: 'vox-hours-ends', 'aria-hidden': 'true' }, h('span', {}, clockHour(all[0])), h('span', {}, clockHour(all.at(-1)))),
    told);
}
