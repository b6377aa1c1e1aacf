// Buttons, the seek bar and the clock. They say what was asked for and show what is so.

import { element, icon } from "./dom.js";
import { RATES } from "./rates.js";
import { clock } from "./strings.js";

export class Controls {
  /** `does` holds the actions: toggle, skip, step, seek, rate, mute. */
  constructor(does) {
    const button = (name, action, ...children) => {
      const made = element("button", { type: "button", className: name, part: `button ${name}` });
      made.append(...children);
      made.addEventListener("click", action);
      return made;
    };
    this.play = button("play", () => does.toggle());
    this.label = element("span", { className: "label", part: "label" });
    this.badge = element("span", { className: "badge", part: "badge", hidden: true });
    this.length = element("span", { className: "length" });
    this.title = element("div", { className: "title", part: "title" });
    this.elapsed = element("span", { className: "elapsed", ariaHidden: "true" });
    this.remaining = element("span", { className: "remaining", ariaHidden: "true" });
    this.slider = element("input", { type: "range", min: "0", step: "any", part: "slider" });
    this.ticks = element("div", { className: "ticks", ariaHidden: "true" });
    this.previous = button("previous", () => does.step(-1), icon("previous"));
    this.back = button("back", () => does.skip(-15), icon("back", "15"));
    this.forward = button("forward", () => does.skip(15), icon("forward", "15"));
    this.next = button("next", () => does.step(1), icon("next"));
    this.speed = element("select", { className: "speed", part: "speed" });
    this.mute = button("mute", () => does.mute());
    this.speed.addEventListener("change", () => does.rate(Number(this.speed.value)));
    this.#listen(does);
    this.element = this.#arranged();
  }

  #strings;
  #transcript;
  #dragging = false;

  #arranged() {
    const about = element("div", { className: "about" }, this.label, this.length, this.badge);
    const head = element("div", { className: "head" }, about, this.title);
    const bar = element("div", { className: "bar" }, this.ticks, this.slider);
    const seek = element("div", { className: "seek" }, this.elapsed, bar, this.remaining);
    const moves = element("div", { className: "moves" });
    moves.append(this.previous, this.back, this.forward, this.next);
    const more = element("div", { className: "more" }, this.speed, this.mute);
    const row = element("div", { className: "row" }, moves, more);
    return element("div", { className: "controls", part: "controls" }, this.play, head, seek, row);
  }

  #listen(does) {
    const { slider } = this;
    slider.addEventListener("input", () => {
      this.#dragging = true;
      this.#draw(Number(slider.value), true);
    });
    slider.addEventListener("change", () => {
      this.#dragging = false;
      does.seek(Number(slider.value));
    });
    slider.addEventListener("focus", () => this.#speak(Number(slider.value)));
  }

  /** Names in the reader's language. */
  name(strings) {
    this.#strings = strings;
    this.label.textContent = strings.say("listen");
    this.badge.textContent = strings.say("preview");
    this.slider.ariaLabel = strings.say("position");
    this.speed.ariaLabel = this.speed.title = strings.say("speed");
    for (const name of ["previous", "back", "forward", "next"]) {
      this[name].ariaLabel = this[name].title = strings.say(name);
    }
    this.speed.replaceChildren(
      ...RATES.map((rate) => element("option", { value: String(rate) }, strings.rate(rate))),
    );
  }

  /** What is there to play, or nothing yet. */
  show(transcript) {
    this.#transcript = transcript;
    const { slider } = this;
    for (const one of [slider, this.previous, this.back, this.forward, this.next]) {
      one.disabled = !transcript;
    }
    this.badge.hidden = !transcript?.teaser;
    this.title.textContent = transcript?.title ?? "";
    this.title.lang = transcript?.language ?? "";
    this.length.textContent = transcript ? this.#strings.about(transcript.seconds) : "";
    slider.max = String(transcript?.seconds ?? 1);
    this.ticks.replaceChildren(...(transcript?.paragraphs ?? []).slice(1).map((one) => {
      const tick = element("i");
      tick.style.setProperty("--at", String(one.start / transcript.seconds));
      return tick;
    }));
    this.move(0, true);
  }

  /** `state` is the player's; the button says what it will do. */
  state(state) {
    const [drawing, name] = {
      playing: ["pause", "pause"],
      waiting: ["pause", "pause"],
      ended: ["again", "again"],
    }[state] ?? ["play", "play"];
    this.play.replaceChildren(icon(drawing));
    this.play.ariaLabel = this.play.title = this.#strings.say(name);
    this.play.disabled = state === "error";
  }

  /** `asked`: the reader moved there, so it is worth saying. */
  move(seconds, asked) {
    if (!this.#dragging) this.#draw(seconds, asked);
  }

  rate(rate) {
    this.speed.value = String(rate);
  }

  muted(muted) {
    this.mute.replaceChildren(icon(muted ? "muted" : "sound"));
    this.mute.ariaLabel = this.mute.title = this.#strings.say(muted ? "unmute" : "mute");
  }

  #draw(seconds, asked) {
    const whole = this.#transcript?.seconds ?? 0;
    const at = Math.min(seconds, whole);
    this.slider.value = String(at);
    this.element.style.setProperty("--done", String(whole ? at / whole : 0));
    this.elapsed.textContent = clock(at);
    this.remaining.textContent = `−${clock(Math.ceil(whole - at))}`;
    // A focused slider whose text changes by itself would make screen readers talk over the audio.
    const focused = this.slider.getRootNode().activeElement === this.slider;
    if (asked || !focused) this.#speak(at);
  }

  #speak(seconds) {
    const said = this.#said(seconds);
    if (this.slider.ariaValueText !== said) this.slider.ariaValueText = said;
  }

  #said(seconds) {
    if (!this.#transcript) return this.#strings.say("loading");
    const { paragraphs, seconds: whole } = this.#transcript;
    const { number } = paragraphs[this.#transcript.at(seconds)];
    const values = { at: this.#strings.spoken(seconds), length: this.#strings.spoken(whole), number };
    return this.#strings.say(number === null ? "of" : "inParagraph", values);
  }
}
