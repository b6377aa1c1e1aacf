// Everything that is seen and said, from the state that it is given.

import { Controls } from "./controls.js";
import { element } from "./dom.js";
import { Notice } from "./notice.js";
import { Reading } from "./reading.js";
import { Strings } from "./strings.js";

export class View {
  /** `does` holds the actions: toggle, skip, step, seek, rate, mute, and seekAndPlay. */
  constructor(does) {
    this.#controls = new Controls(does);
    const { element: controls } = this.#controls;
    const seek = (at, plays) => (plays ? does.seekAndPlay(at) : does.seek(at));
    this.#reading = new Reading(seek, controls);
    // A click anywhere brings the focus, and with it the keys, into the player.
    this.element = element("section", { className: "frame", part: "frame", tabIndex: -1 });
    this.element.append(controls, this.#notice.element, this.#reading.element, this.#notice.live);
  }

  #controls;
  #reading;
  #notice = new Notice();
  #strings = new Strings("en");
  #transcript;

  watch(signal) {
    this.#reading.watch(signal);
  }

  /** Names everything in this language; `show` has to follow. */
  name(tag) {
    this.#strings = new Strings(tag);
    this.#controls.name(this.#strings);
  }

  /** `how` is where the text goes: "article", "none", or else into a box. */
  show(transcript, how) {
    this.#transcript = transcript;
    const title = transcript?.title;
    this.element.ariaLabel = title ? this.#say("region", { title }) : this.#say("listen");
    this.#controls.show(transcript);
    if (!transcript || how === "none") this.#reading.clear();
    else this.#reading.show(transcript, this.#strings, how === "article");
  }

  /** `moved`: somebody went there, it is not just time that passed. */
  draw(now, paused, moved) {
    this.#controls.move(now, moved);
    if (!this.#transcript) return;
    const index = this.#transcript.at(now);
    const begun = now > 0 || !paused;
    this.#reading.mark(begun ? index : -1, this.#transcript.wordAt(index, now), !paused);
    if (moved) this.#reading.rejoin();
  }

  state(state) {
    this.element.ariaBusy = String(state === "loading");
    this.#controls.state(state);
  }

  rate(rate) {
    this.#controls.rate(rate);
  }

  muted(muted) {
    this.#controls.muted(muted);
  }

  /** What screen readers alone are told. */
  sayRate(rate) {
    this.#notice.announce(this.#say("speedNow", { rate: this.#strings.rate(rate) }));
  }

  sayMuted(muted) {
    this.#notice.announce(this.#say(muted ? "muted" : "audible"));
  }

  sayParagraph(number) {
    const { count } = this.#transcript;
    this.#notice.announce(this.#say("paragraphNow", { number, count }));
  }

  sayEnded() {
    this.#notice.announce(this.#say("ended"));
  }

  quiet() {
    this.#notice.clear();
  }

  tellUnconfirmed() {
    this.#notice.tell(this.#say("unconfirmed"));
  }

  tellError(reason, retry) {
    const again = () => {
      this.#controls.state("loading");
      this.#controls.play.focus();
      retry();
    };
    this.#notice.tell(this.#say(reason), [this.#say("retry"), again]);
  }

  /** The call to subscribe. Whoever is in the player is led to it; nobody is torn from elsewhere. */
  call(address, clicked) {
    const target = this.#notice.call(this.#strings, address, clicked);
    if (this.element.getRootNode().activeElement) target.focus();
  }

  #say(name, values) {
    return this.#strings.say(name, values);
  }
}
