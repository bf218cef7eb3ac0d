// Small helpers: elements, figures in words, what the browser remembers.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const find = (id) => document.getElementById(id);

export function seconds(value) {
  if (value == null) return '–';
  if (value < 0.001) return `${(value * 1000).toFixed(2)} ms`;
  if (value < 1) return `${(value * 1000).toFixed(value < 0.1 ? 1 : 0)} ms`;
  return `${value.toFixed(2)} s`;
}

// Of what is only guessed no more digits than it deserves.
export function about(value) {
  if (value < 0.1) return '0.1 s';
  if (value < 10) return `${value.toFixed(1)} s`;
  return value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
}

export const percent = (part) => (part == null ? '–' : `${(part * 100).toFixed(part === 1 ? 0 : 1)} %`);

// A browser may forbid to keep anything: then nothing is kept, and the page works all the same.
export function remembered(name, store = localStorage) {
  try {
    return JSON.parse(store.getItem(`voxmeter.${name}`));
  } catch {
    return null;
  }
}

export function remember(name, value, store = localStorage) {
  try {
    store.setItem(`voxmeter.${name}`, JSON.stringify(value));
  } catch {
    return;
  }
}
