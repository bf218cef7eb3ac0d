// The page's words in the language of the browser, or in the one chosen on the page.

import { remember, remembered } from './dom.js';

let words = {};
export let language = 'en';

export async function loadTexts() {
  const response = await fetch(new URL('texts.json', import.meta.url));
  language = remembered('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
  words = (await response.json())[language];
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export const has = (key) => key in words;

export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

// What the engine or the log calls by a name that may have no words here.
export const named = (kind, name) => (has(`${kind}.${name}`) ? t(`${kind}.${name}`) : name);

export function putTexts(values, root = document) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text, values);
  for (const element of root.querySelectorAll('[data-label]')) element.setAttribute('aria-label', t(element.dataset.label));
}

export function languageName(code) {
  if (code === 'auto') return t('language.auto');
  const own = { zh: '中文', en: 'English', ja: '日本語', ko: '한국어', yue: '粵語' }[code];
  let name = code;
  try {
    name = new Intl.DisplayNames([language], { type: 'language' }).of(code);
  } catch {
    return own ?? code;
  }
  return own && own !== name ? `${own} · ${name}` : name;
}

export function switchLanguage() {
  remember('language', language === 'zh' ? 'en' : 'zh');
  return loadTexts();
}
