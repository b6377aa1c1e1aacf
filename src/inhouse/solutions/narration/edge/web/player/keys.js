// Keys, while the focus is inside the player.

const KEYS = {
  " ": ["toggle"],
  k: ["toggle"],
  ArrowLeft: ["skip", -5],
  ArrowRight: ["skip", 5],
  j: ["skip", -15],
  l: ["skip", 15],
  ArrowUp: ["step", -1],
  ArrowDown: ["step", 1],
  Home: ["seek", 0],
  End: ["seek", Infinity],
  "<": ["faster", -1],
  ">": ["faster", 1],
  m: ["mute"],
};

/** Does what a key asks for; `player` has the actions as methods. Leaves controls their own keys. */
export function pressed(event, player) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const { key, target } = event;
  if (target.localName === "select" && key !== "<" && key !== ">") return;
  if (key === " " && ["button", "a"].includes(target.localName)) return;
  const [action, amount] = KEYS[key.length === 1 ? key.toLowerCase() : key] ?? [];
  if (!action) return;
  event.preventDefault();
  player[action](amount);
}
