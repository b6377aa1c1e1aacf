// How it looks. Pages change it by the custom properties in the first rule and by ::part().

const CSS = `
:host {
  --accent: var(--inhouse-accent, light-dark(#a3142b, #f0868f));
  --text: var(--inhouse-text, light-dark(#1b1b1b, #ececec));
  --muted: var(--inhouse-muted, light-dark(#5e5e5e, #a9a9a9));
  --line: var(--inhouse-line, light-dark(#d9d6d0, #3d3d40));
  --surface: var(--inhouse-surface, light-dark(#fbfaf8, #1c1c1e));
  --mark: var(--inhouse-mark, light-dark(#ffe08a, #6b4f00));
  --radius: var(--inhouse-radius, 10px);
  --font: var(--inhouse-font, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --text-font: var(--inhouse-text-font, inherit);
  color-scheme: light dark;
  container-type: inline-size;
  display: block;
  max-width: 46rem;
}
:host([hidden]), [hidden] { display: none !important; }
:host(:not([state="loading"], [state="error"])) slot { display: none; }
* { box-sizing: border-box; }

.frame {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  color: var(--text);
  overflow: clip;
}
.frame:focus { outline: none; }
button, select, a, input { font: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.controls {
  align-items: center;
  column-gap: 16px;
  display: grid;
  font: 400 14px/1.35 var(--font);
  grid-template: "play head row" auto "seek seek seek" auto / auto 1fr auto;
  padding: 16px 18px 10px;
  row-gap: 8px;
}
.play { grid-area: play; }
.head { grid-area: head; min-width: 0; }
.seek { grid-area: seek; }
.row { grid-area: row; }

.about { align-items: baseline; color: var(--muted); display: flex; flex-wrap: wrap; gap: 0 8px; }
.label { color: var(--text); font-weight: 600; }
.length::before { content: "·"; margin-inline-end: 8px; }
.length:empty, :host([teaser]) .length { display: none; }
.badge {
  border: 1px solid currentcolor;
  border-radius: 99px;
  color: var(--accent);
  font-size: 12px;
  font-weight: 600;
  padding: 0 8px;
}
.title {
  color: var(--muted);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

button, select {
  -webkit-tap-highlight-color: transparent;
  background: none;
  border: 0;
  border-radius: 99px;
  color: inherit;
  cursor: pointer;
  margin: 0;
  touch-action: manipulation;
}
button:disabled, input:disabled { cursor: default; opacity: 0.4; }
svg { display: block; fill: currentcolor; }
svg text { font: 700 7.5px/1 var(--font); }

.play {
  background: var(--accent);
  color: var(--surface);
  display: grid;
  height: 52px;
  place-items: center;
  position: relative;
  width: 52px;
}
.play svg { height: 30px; width: 30px; }
.play:hover { filter: brightness(1.12); }
.row { display: flex; gap: 4px 12px; }
.moves, .more { align-items: center; display: flex; }
.moves button, .more button { display: grid; height: 40px; place-items: center; width: 40px; }
.moves svg, .more svg { height: 24px; width: 24px; }
.back svg, .forward svg { height: 28px; width: 28px; }
.previous svg, .next svg { height: 22px; width: 22px; }
.moves button:not(:disabled):hover, .more button:hover, .speed:hover {
  background: color-mix(in srgb, currentcolor 9%, transparent);
}
.speed {
  appearance: none;
  border: 1px solid var(--line);
  font-variant-numeric: tabular-nums;
  font-weight: 600;
  height: 32px;
  padding: 0 6px;
  text-align: center;
}
.speed option { background: Canvas; color: CanvasText; }

:host([state="waiting"]) .play::after {
  animation: turn 0.9s linear infinite;
  border: 3px solid transparent;
  border-radius: 50%;
  border-top-color: currentcolor;
  content: "";
  inset: 3px;
  position: absolute;
}
@keyframes turn { to { transform: rotate(1turn); } }

.seek { align-items: center; display: flex; gap: 10px; }
.elapsed, .remaining {
  color: var(--muted);
  font-size: 13px;
  font-variant-numeric: tabular-nums;
  min-width: 2.6em;
}
.remaining { text-align: end; }
.bar { flex: 1; height: 28px; position: relative; }
.bar::before, .bar::after, .ticks {
  border-radius: 3px;
  content: "";
  height: 5px;
  inset: 11.5px 0 auto;
  pointer-events: none;
  position: absolute;
}
.bar::before { background: var(--line); }
.bar::after { background: var(--accent); transform: scaleX(var(--done, 0)); transform-origin: left; }
.ticks { z-index: 1; }
.ticks i {
  background: var(--surface);
  height: 100%;
  left: calc(var(--at) * 100%);
  position: absolute;
  width: 2px;
}
.bar input {
  appearance: none;
  background: none;
  cursor: pointer;
  height: 28px;
  inset: 0 -8px;
  margin: 0;
  position: absolute;
  width: calc(100% + 16px);
  z-index: 2;
}
.bar input::-webkit-slider-thumb {
  appearance: none;
  background: var(--accent);
  border: 2px solid var(--surface);
  border-radius: 50%;
  height: 16px;
  width: 16px;
}
.bar input::-moz-range-thumb {
  background: var(--accent);
  border: 2px solid var(--surface);
  border-radius: 50%;
  box-sizing: border-box;
  height: 16px;
  width: 16px;
}
.bar input:focus-visible { border-radius: 6px; outline-offset: -2px; }

.notice {
  align-items: center;
  border-top: 1px solid var(--line);
  display: flex;
  flex-wrap: wrap;
  font: 400 15px/1.4 var(--font);
  gap: 8px 16px;
  padding: 12px 18px;
}
.notice p { flex: 1 1 16em; margin: 0; }
.notice button, .notice a {
  border: 1px solid currentcolor;
  border-radius: 99px;
  color: inherit;
  font-weight: 600;
  padding: 7px 18px;
  text-decoration: none;
}
.call {
  background: color-mix(in srgb, var(--accent) 7%, transparent);
  display: grid;
  gap: 4px 24px;
  grid-template-columns: 1fr auto;
  padding: 18px;
}
.call .heading { font-size: 18px; font-weight: 700; line-height: 1.25; outline: none; }
.call p { grid-column: 1; }
.call a {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--surface);
  grid-area: 1 / 2 / span 2;
  padding: 10px 22px;
}
.call a:hover { filter: brightness(1.12); }
.live { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; width: 1px; }

.reading { border-top: 1px solid var(--line); position: relative; }
.text {
  font-family: var(--text-font);
  font-size: 17px;
  line-height: 1.6;
  max-height: 21em;
  overflow: auto;
  overscroll-behavior: contain;
  padding: 10px 18px 14px 0;
  scrollbar-width: thin;
}
.paragraph {
  border-inline-start: 3px solid transparent;
  cursor: pointer;
  display: grid;
  grid-template-columns: 52px 1fr;
  padding: 5px 0 5px 8px;
}
.paragraph[part~="current-paragraph"] { border-color: var(--accent); }
.said { margin: 0; overflow-wrap: anywhere; text-wrap: pretty; }
.title .said, .teaser .said { font-weight: 600; }
.paragraph.title { color: inherit; overflow: visible; white-space: normal; }
.note .said, .insert .said { color: var(--muted); font-style: italic; }
.from {
  align-self: start;
  color: var(--muted);
  font: 400 12px/1 var(--font);
  font-variant-numeric: tabular-nums;
  justify-self: start;
  padding: 8px 4px 7px;
}
.from:hover, [part~="current-paragraph"] .from { color: var(--accent); }
span[part~="word"] { border-radius: 3px; }
span[part~="current-word"] {
  background: var(--mark);
  box-shadow: 0 0 0 1.5px var(--mark);
  color: var(--text);
}
.follow {
  align-items: center;
  background: var(--text);
  bottom: 12px;
  box-shadow: 0 2px 10px #0004;
  color: var(--surface);
  display: flex;
  font: 600 13px/1 var(--font);
  gap: 6px;
  inset-inline: 0;
  margin: 0 auto;
  padding: 8px 14px 8px 10px;
  position: absolute;
  width: fit-content;
}
.follow svg { height: 16px; width: 16px; }

:host([transcript="article"]) { max-width: none; }
:host([transcript="article"]) .frame { background: none; border: 0; overflow: visible; }
:host([transcript="article"]) .controls,
:host([transcript="article"]) .notice {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}
:host([transcript="article"]) .controls {
  box-shadow: 0 0 0 8px var(--inhouse-page, transparent);
  position: sticky;
  top: 0;
  z-index: 3;
}
:host([transcript="article"]) .controls .title { display: none; }
:host([transcript="article"]) .notice { margin-top: 10px; }
:host([transcript="article"]) .call { background: color-mix(in srgb, var(--accent) 7%, var(--surface)); }
:host([transcript="article"]) .reading { border: 0; }
:host([transcript="article"]) .text {
  font-size: inherit;
  line-height: inherit;
  max-height: none;
  overflow: visible;
  padding: 18px 0 0;
}
:host([transcript="article"]) .paragraph {
  border-inline-start-width: 3px;
  display: block;
  margin-inline: -16px 0;
  padding: 0.35em 0 0.35em 13px;
  position: relative;
}
:host([transcript="article"]) .from {
  inset-inline-end: calc(100% + 6px);
  opacity: 0;
  position: absolute;
}
:host([transcript="article"]) .paragraph:hover .from,
:host([transcript="article"]) .from:focus-visible,
:host([transcript="article"]) [part~="current-paragraph"] .from { opacity: 1; }
:host([transcript="article"]) .follow { bottom: 20px; position: sticky; }

@container (width < 36rem) {
  .controls { column-gap: 12px; grid-template: "play head" auto "seek seek" auto "row row" auto / auto 1fr; padding: 14px 14px 8px; }
  .row { gap: 4px; justify-content: space-between; }
  .moves button, .more button { height: 44px; width: clamp(34px, 11cqi, 44px); }
  .play { height: clamp(44px, 15cqi, 52px); width: clamp(44px, 15cqi, 52px); }
  .text { padding-inline-end: 14px; }
  .paragraph { grid-template-columns: 46px 1fr; }
  .call { grid-template-columns: 1fr; }
  .call a { grid-area: auto; justify-self: start; margin-top: 6px; }
  :host([transcript="article"]) .from:not(:focus-visible) { display: none; }
  :host([transcript="article"]) .controls { column-gap: 6px; grid-template: "play row" auto "seek seek" auto / auto 1fr; }
  :host([transcript="article"]) :is(.head, .mute) { display: none; }
}
@media (prefers-reduced-motion: reduce) {
  :host([state="waiting"]) .play::after { animation-duration: 4s; }
}
@media (forced-colors: active) {
  .play, .call a, .follow { border: 2px solid ButtonText; }
  .bar::before { background: GrayText; forced-color-adjust: none; }
  .bar::after { background: Highlight; forced-color-adjust: none; }
  .ticks i { background: Canvas; forced-color-adjust: none; }
  .bar input::-webkit-slider-thumb { background: ButtonText; forced-color-adjust: none; }
  .bar input::-moz-range-thumb { background: ButtonText; forced-color-adjust: none; }
  .paragraph { border-color: Canvas; }
  .paragraph[part~="current-paragraph"] { border-color: Highlight; forced-color-adjust: none; }
  span[part~="current-word"] {
    background: Highlight;
    box-shadow: none;
    color: HighlightText;
    forced-color-adjust: none;
  }
}
@media print {
  .controls, .from, .follow, .notice { display: none !important; }
  .frame, .reading { border: 0; }
  .text { max-height: none; overflow: visible; padding: 0; }
  .paragraph { border: 0; display: block; margin: 0; padding: 0 0 0.6em; }
  span[part~="current-word"] { background: none; box-shadow: none; }
}
`;

/** A sheet of its own needs no style element, so a strict style-src does not stop it. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
