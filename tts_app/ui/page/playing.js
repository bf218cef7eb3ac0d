// Sound as it comes, through Web Audio; once all of it is there, the ordinary player goes on from the same place.

const LEAD_SECONDS = 0.06;
const FADE_SECONDS = 0.03;

let context = null;

export class Playing {
  // Made in answer to a key or a click: a browser lets no sound out otherwise.
  constructor(player) {
    this.player = player;
    this.sources = new Set();
    this.startedAt = null;
    this.next = 0;
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!context && Context) context = new Context({ latencyHint: 'interactive' });
    context?.resume().catch(() => {});
    player.pause();
  }

  get live() {
    return this.startedAt !== null;
  }

  // Seconds of sound that were heard so far.
  get position() {
    return this.live ? Math.max(0, context.currentTime - this.startedAt) : 0;
  }

  add(samples, rate) {
    if (!samples.length || context?.state !== 'running') return;
    if (!this.live) {
      this.gain = context.createGain();
      this.gain.connect(context.destination);
      this.startedAt = this.next = context.currentTime + LEAD_SECONDS;
    }
    if (this.next < context.currentTime) {
      // It ran dry: what comes now is heard at once, and the place in the whole moves along.
      this.startedAt += context.currentTime - this.next;
      this.next = context.currentTime;
    }
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.gain);
    source.start(this.next);
    source.addEventListener('ended', () => this.sources.delete(source));
    this.sources.add(source);
    this.next += buffer.duration;
  }

  async finish(url, length) {
    this.player.src = url;
    const position = this.position;
    if (this.live && position >= length - FADE_SECONDS) return;
    this.player.currentTime = position;
    try {
      await this.player.play();
      if (this.live && this.position > 0) this.player.currentTime = this.position;
    } catch {
      return; // whoever cancelled, or a browser that wants the player's own button pressed
    }
    this.fade();
  }

  fade() {
    if (!this.live) return;
    this.gain.gain.setTargetAtTime(0, context.currentTime, FADE_SECONDS / 3);
    for (const source of this.sources) source.stop(context.currentTime + FADE_SECONDS * 2);
  }

  stop() {
    this.fade();
    this.player.pause();
  }
}
