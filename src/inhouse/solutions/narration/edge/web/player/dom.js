// Elements without markup: whatever a transcript holds goes in as text and stays text.

const SVG = "http://www.w3.org/2000/svg";

/** An element with its properties (`aria-…`, `role`, `part` as attributes) and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && !name.includes("-") && name !== "part") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const PATHS = {
  play: ["M8 5.1v13.8a.6.6 0 0 0 .92.5l10.6-6.9a.6.6 0 0 0 0-1L8.92 4.6A.6.6 0 0 0 8 5.1z"],
  pause: ["M7 5h3.4v14H7zM13.6 5H17v14h-3.4z"],
  again: ["M12 5V1.8L7.2 6.2 12 10.6V7.2a5.4 5.4 0 1 1-5.4 5.4H4.4A7.6 7.6 0 1 0 12 5z"],
  previous: ["M6 5.5h2.2v13H6zM18.6 6.2v11.6a.5.5 0 0 1-.8.4l-8-5.8a.5.5 0 0 1 0-.8l8-5.8a.5.5 0 0 1 .8.4z"],
  next: ["M15.8 5.5H18v13h-2.2zM5.4 6.2v11.6a.5.5 0 0 0 .8.4l8-5.8a.5.5 0 0 0 0-.8l-8-5.8a.5.5 0 0 0-.8.4z"],
  back: ["M12 3.7V.6L7.4 4.7 12 8.8V5.6a7.6 7.6 0 1 1-7.6 7.6H2.5A9.5 9.5 0 1 0 12 3.7z"],
  forward: ["M12 3.7V.6l4.6 4.1L12 8.8V5.6a7.6 7.6 0 1 0 7.6 7.6h1.9A9.5 9.5 0 1 1 12 3.7z"],
  sound: [
    "M3.5 9.2v5.6h3.7l4.9 4.2V5L7.2 9.2z",
    "M14.6 8.3a5 5 0 0 1 0 7.4l1.4 1.6a7.1 7.1 0 0 0 0-10.6zM17.6 5.1a9.6 9.6 0 0 1 0 13.8l1.5 1.5a11.7 11.7 0 0 0 0-16.8z",
  ],
  muted: [
    "M3.5 9.2v5.6h3.7l4.9 4.2V5L7.2 9.2z",
    "M15.2 8.6 14 9.8l2.2 2.2L14 14.2l1.2 1.2 2.2-2.2 2.2 2.2 1.2-1.2-2.2-2.2 2.2-2.2-1.2-1.2-2.2 2.2z",
  ],
  follow: ["M11 4h2v11.2l4.3-4.3 1.4 1.4L12 19l-6.7-6.7 1.4-1.4 4.3 4.3z"],
};

/** An icon, hidden from screen readers; `caption` is written into it. */
export function icon(name, caption = "") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("focusable", "false");
  for (const path of PATHS[name]) {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    drawing.append(line);
  }
  if (caption) {
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", "12");
    text.setAttribute("y", "15.9");
    text.setAttribute("text-anchor", "middle");
    text.textContent = caption;
    drawing.append(text);
  }
  return drawing;
}
