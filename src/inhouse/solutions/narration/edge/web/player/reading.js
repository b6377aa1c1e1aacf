// The text that is read: where it is, and a way to any place in it.

import { element, icon } from "./dom.js";
import { clock } from "./strings.js";

/** Where in its window what is being read should stay, as parts of the height. */
const BAND = [0.05, 0.75];
const PLACE = 0.2;

export class Reading {
  /** `seek(seconds, plays)` is called for a place the reader chose; `bar` may cover the page's top. */
  constructor(seek, bar) {
    this.#seek = seek;
    this.#bar = bar;
    this.#text = element("div", { className: "text", role: "group", part: "transcript" });
    this.#follow = element("button", { className: "follow", type: "button", hidden: true });
    this.element = element("div", { className: "reading", hidden: true }, this.#text, this.#follow);
    this.#text.addEventListener("click", (event) => this.#clicked(event));
    this.#text.addEventListener("pointerdown", (event) => {
      if (event.target === this.#text) this.#leave();
    });
    this.#follow.addEventListener("click", () => this.rejoin());
  }

  #seek;
  #bar;
  #text;
  #follow;
  #rows = [];
  #starts = new WeakMap();
  #row;
  #word;
  #away = false;

  /** Starts to notice when the reader scrolls away by hand; until `signal`. */
  watch(signal) {
    const options = { passive: true, signal };
    for (const kind of ["wheel", "touchmove"]) {
      document.addEventListener(kind, (event) => this.#scrolledBy(event), options);
    }
  }

  /** `page`: the text is the page's article, without a box or a headline of its own. */
  show(transcript, strings, page) {
    this.clear();
    this.page = page;
    this.#text.lang = transcript.language;
    this.#text.ariaLabel = strings.say("text");
    this.#follow.replaceChildren(icon("follow"), strings.say("follow"));
    this.#rows = transcript.paragraphs.map((one) =>
      one.kind === "separator" || (page && one.kind === "title") ? null : this.#made(one, strings),
    );
    this.#text.append(...this.#rows.filter(Boolean).map((row) => row.element));
    this.#tabbable(this.#rows.find(Boolean));
    this.element.hidden = !this.#text.hasChildNodes();
  }

  clear() {
    this.#text.replaceChildren();
    this.#rows = [];
    this.#row = this.#word = undefined;
    this.element.hidden = true;
    this.rejoin();
  }

  /** Marks what is heard; `follow` keeps it in view unless the reader has scrolled away. */
  mark(paragraph, word, follow) {
    const row = this.#rows[paragraph] ?? undefined;
    const spoken = row?.words[word];
    if (row === this.#row && spoken === this.#word) return;
    this.#word?.part.remove("current-word");
    spoken?.part.add("current-word");
    this.#word = spoken;
    if (row !== this.#row) this.#enter(row);
    this.#follow.hidden = !(this.#away && follow && row);
    if (follow && row && !this.#away) this.#reveal(spoken ?? row.element);
  }

  /** Follows again, after the reader chose a place. */
  rejoin() {
    this.#away = false;
    this.#follow.hidden = true;
    if (this.#row) this.#reveal(this.#word ?? this.#row.element);
  }

  #made(paragraph, strings) {
    const { kind, number, start } = paragraph;
    const time = clock(start);
    const name =
      number === null
        ? strings.say("fromHere", { time })
        : strings.say("fromParagraph", { time, number });
    const button = element("button", { type: "button", className: "from", tabIndex: -1 }, time);
    button.ariaLabel = name;
    const words = [];
    const said = element("p", { className: "said" });
    if (kind === "insert") said.append(strings.say("clip"));
    else said.append(...this.#pieces(paragraph, words));
    const made = element("div", { className: `paragraph ${kind}`, part: "paragraph" }, button, said);
    this.#starts.set(made, start);
    return { element: made, button, words };
  }

  /** The paragraph's text, each word with a known time in an element of its own. */
  #pieces({ text, words }, spans) {
    const pieces = [];
    let done = 0;
    for (const { time, first, end } of words) {
      const span = element("span", { part: "word" }, text.slice(first, end));
      this.#starts.set(span, time);
      pieces.push(text.slice(done, first), span);
      spans.push(span);
      done = end;
    }
    return [...pieces, text.slice(done)];
  }

  #enter(row) {
    const focused = this.#row && this.#row.button === this.#text.getRootNode().activeElement;
    this.#row?.element.part.remove("current-paragraph");
    this.#row?.button.removeAttribute("aria-current");
    this.#row = row;
    if (!row) return;
    row.element.part.add("current-paragraph");
    row.button.setAttribute("aria-current", "true");
    this.#tabbable(row);
    if (focused) row.button.focus({ preventScroll: true });
  }

  /** One stop for Tab, at the place that is heard; the arrow keys go on from there. */
  #tabbable(row) {
    for (const one of this.#rows) if (one) one.button.tabIndex = one === row ? 0 : -1;
  }

  #clicked(event) {
    if (document.getSelection()?.type === "Range") return; // It was selecting, to copy.
    const path = event.composedPath();
    const place = path.find((one) => this.#starts.has(one));
    if (place) this.#seek(this.#starts.get(place), path.some((one) => one.className === "from"));
  }

  #scrolledBy(event) {
    if (this.page || event.composedPath().includes(this.#text)) this.#leave();
  }

  #leave() {
    this.#away = true;
  }

  #reveal(target) {
    const box = this.page ? this.#window() : this.#text.getBoundingClientRect();
    const { top, bottom } = target.getBoundingClientRect();
    const [from, to] = BAND.map((part) => box.top + part * box.height);
    if (top >= from && bottom <= to) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    (this.page ? window : this.#text).scrollBy({
      top: top - (box.top + PLACE * box.height),
      behavior: still ? "instant" : "smooth",
    });
  }

  /** What of the window the bar leaves free. */
  #window() {
    const top = this.#bar.getBoundingClientRect().height;
    return { top, height: window.innerHeight - top };
  }
}
