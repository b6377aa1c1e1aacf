// What the listener must know: errors, and the call to subscribe at the end of a preview.

import { element } from "./dom.js";

export class Notice {
  constructor() {
    this.element = element("div", { className: "notice", part: "notice", hidden: true });
    this.live = element("div", { className: "live", role: "status" });
  }

  /** Says something to screen readers alone. */
  announce(text) {
    this.live.textContent = text;
  }

  clear() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** A sentence and perhaps a button, as [name, action]. */
  tell(text, button) {
    this.element.className = "notice";
    this.element.replaceChildren(element("p", {}, text));
    if (button) {
      const [name, action] = button;
      const made = element("button", { type: "button", part: "button retry" }, name);
      made.addEventListener("click", action);
      this.element.append(made);
    }
    this.element.hidden = false;
    this.announce(text);
  }

  /** The call at the end of a preview; returns what should have the focus. */
  call(strings, address, clicked) {
    const heading = element("p", { className: "heading", tabIndex: -1 }, strings.say("previewEnded"));
    const text = element("p", {}, strings.say("subscribeText"));
    this.element.className = "notice call";
    this.element.replaceChildren(heading, text);
    let target = heading;
    if (address) {
      target = element("a", { href: address, part: "subscribe" }, strings.say("subscribe"));
      target.addEventListener("click", clicked);
      this.element.append(target);
    }
    this.element.hidden = false;
    this.announce(`${heading.textContent}. ${text.textContent}`);
    return target;
  }
}

/** The address if a browser may be sent there: no script, no data. */
export function safeAddress(address, base) {
  try {
    const url = new URL(address, base);
    return address && ["http:", "https:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}
