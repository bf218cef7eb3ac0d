// One request: sent as a form, answered by events. Whoever aborts it goes away, and the service stops at once.

export class Failed extends Error {
  constructor(error, requestId, figures = null) {
    super(error.message);
    Object.assign(this, { code: error.code, retryable: error.retryable, requestId, figures });
  }
}

const NETWORK = { code: 'NETWORK', message: '', retryable: true };
const session = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

// Gives {type: 'queue' | 'audio' | 'done', …}; throws Failed, or AbortError where it was cancelled.
export async function* spoken(body, signal) {
  let response;
  try {
    const headers = { 'X-Page-Session': session };
    response = await fetch(new URL('../speak', import.meta.url), { method: 'POST', body, signal, headers });
  } catch (error) {
    throw signal.aborted ? error : new Failed(NETWORK);
  }
  const requestId = response.headers.get('X-Request-Id');
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Failed(answer.error ?? { code: 'INTERNAL', message: '' }, requestId);
  }
  for await (const event of events(response.body, signal)) {
    if (event.type === 'error') throw new Failed(event.error, requestId, event.figures);
    yield event;
    if (event.type === 'done') return;
  }
  throw new Failed(NETWORK, requestId);
}

async function* events(stream, signal) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (true) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Failed(NETWORK);
    });
    if (done) return;
    const blocks = (text + value).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) yield JSON.parse(block.slice(block.indexOf('data: ') + 6));
  }
}

const HEAD_BYTES = 44;

// A WAV that comes in pieces: its samples as they come, and in the end the whole file with its true length.
export class Wav {
  constructor() {
    this.pieces = [];
    this.length = 0;
    this.rate = 0;
    this.rest = new Uint8Array(0);
  }

  get seconds() {
    return this.rate ? (this.length - HEAD_BYTES) / 2 / this.rate : 0;
  }

  // The new whole samples of a base64 piece, as numbers from -1 to 1.
  add(base64) {
    const piece = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    this.pieces.push(piece);
    this.length += piece.length;
    const joined = new Uint8Array(this.rest.length + piece.length);
    joined.set(this.rest);
    joined.set(piece, this.rest.length);
    const view = new DataView(joined.buffer);
    let at = 0;
    if (!this.rate && joined.length >= HEAD_BYTES) {
      this.rate = view.getUint32(24, true);
      this.head = joined.slice(0, HEAD_BYTES);
      at = HEAD_BYTES;
    }
    const number = this.rate ? Math.floor((joined.length - at) / 2) : 0;
    this.rest = joined.slice(at + 2 * number);
    return Float32Array.from({ length: number }, (_, index) => view.getInt16(at + 2 * index, true) / 32768);
  }

  blob() {
    const head = new DataView(this.head.buffer);
    head.setUint32(4, this.length - 8, true);
    head.setUint32(40, this.length - HEAD_BYTES, true);
    return new Blob([this.head, new Blob(this.pieces).slice(HEAD_BYTES)], { type: 'audio/wav' });
  }
}
