// Speeds, and the one this listener chose last.

const KEY = "inhouse-player-rate";

export const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2];

/** The next speed up or down from `rate`. */
export function faster(rate, steps) {
  const near = RATES.findLastIndex((one) => one <= rate);
  return RATES[Math.min(Math.max(0, near + steps), RATES.length - 1)];
}

export function remember(rate) {
  try {
    localStorage.setItem(KEY, String(rate));
  } catch {
    // Storage may be forbidden; then the speed holds for this page.
  }
}

export function remembered() {
  try {
    const rate = Number(localStorage.getItem(KEY));
    return RATES.includes(rate) ? rate : 1;
  } catch {
    return 1;
  }
}
