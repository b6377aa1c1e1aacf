// <inhouse-player article="ID">: an article to listen to, on any page.
//
//   <script type="module" src="https://EDGE/player.js"></script>
//   <inhouse-player article="ID"></inhouse-player>
//
// docs/howto/embed-the-player.md has its attributes, events and styles.

import { Counter } from "./player/counter.js";
import { element } from "./player/dom.js";
import { pressed } from "./player/keys.js";
import { safeAddress } from "./player/notice.js";
import { faster, remember, remembered } from "./player/rates.js";
import { showPosition, takeSession } from "./player/session.js";
import { sheet } from "./player/style.js";
import { fetchTranscript, LoadError } from "./player/transcript.js";
import { View } from "./player/view.js";

const HOME = new URL("./", import.meta.url);
const STARTED = "inhouse-play";
/** Seconds that must be heard after an error before another one is worth a new start. */
const SOUND_AGAIN = 5;

export class InhousePlayer extends HTMLElement {
  static observedAttributes = ["article", "edge", "token", "subscribe-url", "lang", "transcript"];

  #does = {
    toggle: () => (this.paused ? this.play() : this.pause()),
    skip: (seconds) => this.seek(this.currentTime + seconds),
    step: (steps) => this.step(steps),
    seek: (seconds) => this.seek(seconds),
    seekAndPlay: (seconds) => {
      this.seek(seconds);
      this.play();
    },
    rate: (rate) => this.#choose(rate),
    faster: (steps) => this.#view.sayRate(this.#choose(faster(this.playbackRate, steps))),
    mute: () => this.#view.sayMuted((this.#audio.muted = !this.#audio.muted)),
  };
  #audio = element("audio", { preload: "none", preservesPitch: true });
  #view = new View(this.#does);
  #transcript;
  #token = "";
  #counter;
  #loading; // an AbortController while a transcript is on its way
  #wanted = false; // to play as soon as it can
  #mended = -Infinity; // where the last error was got over
  #paragraph = -1;
  #connection; // an AbortController for what listens outside of the player
  #changed = new Set();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#view.element, this.#audio, element("slot"));
    root.addEventListener("keydown", (event) => pressed(event, this.#does));
    this.#hear();
  }

  connectedCallback() {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    document.addEventListener(STARTED, (event) => this.#yield(event), { signal });
    this.#view.watch(signal);
    this.#rename();
    for (const name of ["token", "playbackRate"]) this.#adopt(name);
    if (!this.#transcript && !this.#loading) this.#load();
  }

  disconnectedCallback() {
    this.#connection.abort();
    this.#loading?.abort();
    this.#loading = undefined;
    this.pause();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === "token") this.#token = now ?? "";
    if (!this.isConnected || !this.#connection) return;
    // Frameworks set several attributes in a row; they are looked at together.
    if (!this.#changed.size) queueMicrotask(() => this.#refresh());
    this.#changed.add(name);
  }

  get paused() {
    return !this.#wanted && this.#audio.paused;
  }

  get currentTime() {
    return this.#audio.currentTime;
  }

  /** Seconds; NaN before the transcript is there. */
  get duration() {
    return this.#transcript?.seconds ?? NaN;
  }

  get playbackRate() {
    return this.#audio.playbackRate;
  }

  set playbackRate(rate) {
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = rate;
    this.#view.rate(rate);
  }

  get token() {
    return this.#token;
  }

  /** Set this way, the token is in no attribute that scripts and extensions could read. */
  set token(token) {
    if ((token ?? "") === this.#token) return;
    this.#token = token ?? "";
    if (this.isConnected) this.#load({ fresh: true });
  }

  async play() {
    this.#wanted = true;
    if (this.#loading) return;
    if (!this.#transcript) return void this.#load();
    if (this.#state === "ended") return void this.#load({ fresh: true, again: true });
    this.#view.quiet();
    const begun = this.#audio.play();
    this.#wanted = false;
    try {
      await begun;
    } catch (error) {
      // Errors of the sound have their own event; this is a browser that wants a click first.
      if (error.name === "NotAllowedError") this.#become("paused");
    }
  }

  pause() {
    this.#wanted = false;
    this.#audio.pause();
  }

  /** Goes to so many seconds from the start. */
  seek(seconds) {
    if (!this.#transcript) return;
    // The very end is for playing: to go there is not to have heard it.
    const last = Math.max(0, this.duration - 0.1);
    this.#audio.currentTime = Math.min(Math.max(0, seconds), last);
    if (this.#state === "ended") this.#become("paused");
    this.#draw(true);
  }

  /** Goes on or back by so many paragraphs. */
  step(steps) {
    if (!this.#transcript) return;
    const { start, number } = this.#transcript.step(this.currentTime, steps);
    this.seek(start);
    if (number !== null) this.#view.sayParagraph(number);
  }

  get #state() {
    return this.getAttribute("state") ?? "loading";
  }

  get #going() {
    return ["playing", "waiting"].includes(this.#state);
  }

  /** A picture from elsewhere might offend the page's policy, so the page has to name it. */
  get #artwork() {
    const cover = this.#address("cover.png");
    return this.getAttribute("artwork") || (cover.origin === location.origin ? cover.href : "");
  }

  #address(path) {
    const given = this.getAttribute("edge");
    const edge = given ? new URL(given.replace(/\/*$/, "/"), document.baseURI) : HOME;
    return new URL(path.replace(/^\/+/, ""), edge);
  }

  /** A property that a page set before the script came. */
  #adopt(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  #refresh() {
    const changed = this.#changed;
    this.#changed = new Set();
    if (["article", "edge"].some((name) => changed.has(name))) this.#reset();
    if (["lang", "transcript"].some((name) => changed.has(name))) this.#rename();
    if (["article", "edge", "token"].some((name) => changed.has(name))) this.#load({ fresh: true });
  }

  #reset() {
    this.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
    this.#transcript = this.#counter = undefined;
    this.#paragraph = -1;
    this.#become("loading");
  }

  #rename() {
    this.#view.name(this.closest("[lang]")?.lang || navigator.language);
    this.#view.muted(this.#audio.muted);
    this.#view.rate(this.playbackRate);
    this.#present();
    this.#become(this.#state);
  }

  #present() {
    this.#view.show(this.#transcript, this.getAttribute("transcript"));
    this.#paragraph = -1;
    this.#draw(true);
  }

  /** `again`: from the start. `broken`: what sounds has to be loaded anew, changed or not. */
  async #load({ fresh = false, again = false, broken = false } = {}) {
    const article = this.getAttribute("article");
    if (!article) return;
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    if (!this.#transcript) this.#become("loading");
    this.#view.quiet();
    try {
      const found = await fetchTranscript(
        this.#address(`audio/${encodeURIComponent(article)}.json`),
        { token: this.#token, cookies: this.#cookies, signal: loading.signal, fresh },
      );
      this.#loading = undefined;
      this.#counter ??= new Counter(this.#address("events"), article);
      this.#take(found, again, broken);
    } catch (error) {
      if (loading.signal.aborted) return;
      this.#loading = undefined;
      this.#fail(error instanceof LoadError ? error.reason : "failed");
    }
  }

  get #cookies() {
    return this.hasAttribute("with-cookies");
  }

  /** What is playing goes on if it is still what the edge has, else at the same place of the new. */
  #take(found, again, broken) {
    const before = this.#transcript;
    const plays = !this.paused;
    const same = before?.version === found.version && before.teaser === found.teaser;
    const now = this.currentTime;
    this.#transcript = found;
    this.toggleAttribute("teaser", found.teaser);
    if (!same || broken) this.#source(found);
    if (again) this.#audio.currentTime = 0;
    else if (before && (!same || broken)) {
      this.#audio.currentTime = same ? now : before.moved(now, found);
    }
    if (!plays || again) this.#become(before ? "paused" : "ready");
    if (same && before.timed === found.timed) this.#draw(true);
    else this.#present();
    if (plays) this.play();
    if (this.#token && found.teaser) this.#unconfirmed();
  }

  /** An audio element sends no headers, so its address has to carry the token. */
  #source(transcript) {
    const address = this.#address(transcript.audio);
    address.searchParams.set("v", transcript.version);
    if (this.#token) address.searchParams.set("token", this.#token);
    this.#audio.crossOrigin = this.#cookies ? "use-credentials" : "anonymous";
    this.#audio.src = address;
  }

  #unconfirmed() {
    this.#view.tellUnconfirmed();
    this.#send("inhouse-token-refused");
  }

  #hear() {
    this.playbackRate = remembered();
    const on = (name, act) => this.#audio.addEventListener(name, act);
    on("play", () => this.#started());
    on("playing", () => this.#playing());
    on("waiting", () => this.#become("waiting"));
    on("pause", () => this.#paused());
    on("timeupdate", () => this.#draw(false));
    on("ended", () => this.#ended());
    on("error", () => this.#broken());
    on("volumechange", () => this.#view.muted(this.#audio.muted));
  }

  #started() {
    takeSession(this, this.#transcript, this.#artwork);
    this.#become("waiting");
    this.#send(STARTED);
  }

  #playing() {
    this.#become("playing");
    this.#counter.count("play");
    this.#animate();
  }

  #paused() {
    if (this.#audio.ended || this.#wanted || !this.#going) return;
    this.#become("paused");
    this.#draw(false);
    this.#send("inhouse-pause");
  }

  #ended() {
    this.#become("ended");
    this.#draw(false);
    if (this.#transcript.teaser) {
      const subscribe = this.#subscribeAddress;
      if (!this.#send("teaserend", { subscribe }, true)) return;
      this.#view.call(subscribe, () => this.#counter.count("subscribe"));
      return;
    }
    this.#counter.count("complete");
    this.#view.sayEnded();
    this.#send("inhouse-complete");
  }

  get #subscribeAddress() {
    const given = this.getAttribute("subscribe-url") || this.#transcript.subscribe;
    return safeAddress(given, document.baseURI);
  }

  /** The version may have been replaced, or the token have run out: looks what is there now. */
  #broken() {
    if (!this.#audio.getAttribute("src") || this.#loading) return;
    if (Math.abs(this.currentTime - this.#mended) < SOUND_AGAIN) {
      this.#fail(navigator.onLine ? "failed" : "offline");
      return;
    }
    this.#mended = this.currentTime;
    this.#wanted = this.#going; // The error has paused it.
    this.#load({ fresh: true, broken: true });
  }

  #fail(reason) {
    const wanted = this.#wanted || this.#going;
    this.#become("error");
    this.pause();
    this.#view.tellError(reason, () => {
      this.#mended = -Infinity;
      this.#wanted = wanted;
      this.#load({ fresh: true, broken: true });
    });
    this.#send("inhouse-error", { reason });
  }

  #become(state) {
    this.setAttribute("state", state);
    this.#view.state(state);
  }

  #animate() {
    if (this.#audio.paused) return;
    this.#draw(false);
    requestAnimationFrame(() => this.#animate());
  }

  /** `moved`: somebody went there, it is not just time that passed. */
  #draw(moved) {
    const { paused } = this.#audio;
    const now = this.currentTime;
    this.#view.draw(now, paused, moved);
    if (!this.#transcript || (now === 0 && paused)) return;
    const index = this.#transcript.at(now);
    if (index === this.#paragraph) return;
    this.#paragraph = index;
    showPosition(now, this.duration, this.playbackRate);
    const { kind, number, start } = this.#transcript.paragraphs[index];
    this.#send("inhouse-paragraph", { index, kind, paragraph: number, start });
  }

  #choose(rate) {
    this.playbackRate = rate;
    remember(rate);
    return rate;
  }

  /** Another player on the page started. */
  #yield(event) {
    if (event.composedPath()[0] !== this && !this.paused) this.pause();
  }

  #send(name, detail = {}, cancelable = false) {
    const about = { article: this.getAttribute("article"), currentTime: this.currentTime };
    const options = { bubbles: true, composed: true, cancelable };
    return this.dispatchEvent(new CustomEvent(name, { ...options, detail: { ...about, ...detail } }));
  }
}

// A page may have it from two edges; the first one stays.
if (!customElements.get("inhouse-player")) customElements.define("inhouse-player", InhousePlayer);
