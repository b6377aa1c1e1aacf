// What is said when: the edge's transcript, and where a moment lies in it.

const PATIENCE_MS = 20_000;
/** Seeking lands where the decoder can, microseconds before the start that was asked for. */
const SLACK = 0.02;
/** Seconds into a paragraph after which "previous" means its own start. */
const BEGUN = 2;

/** Why there is nothing to play: `offline`, `missing`, `refused` or `failed`. */
export class LoadError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** The transcript at `url`; the token goes into a header, for addresses end up in logs. */
export async function fetchTranscript(url, { token, cookies, signal, fresh }) {
  let answer;
  try {
    answer = await fetch(url, {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      credentials: cookies ? "include" : "same-origin",
      cache: fresh ? "no-cache" : "default",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
  } catch {
    signal.throwIfAborted();
    throw new LoadError("offline");
  }
  if (!answer.ok) throw new LoadError(reasonFor(answer.status));
  try {
    return new Transcript(await answer.json());
  } catch {
    signal.throwIfAborted();
    throw new LoadError("failed");
  }
}

function reasonFor(status) {
  if (status === 404 || status === 410) return "missing";
  return status === 401 || status === 403 ? "refused" : "failed";
}

export class Transcript {
  /** `fields` as the edge sends them. Throws when there are no parts. */
  constructor(fields) {
    this.id = fields.id;
    this.version = fields.version;
    this.title = String(fields.title ?? "");
    this.language = String(fields.language ?? "");
    this.publisher = String(fields.publisher ?? "");
    this.premium = Boolean(fields.premium);
    this.teaser = Boolean(fields.teaser);
    this.subscribe = fields.subscribe ?? "";
    this.audio = String(fields.audio);
    this.seconds = Number(fields.seconds);
    this.paragraphs = paragraphs(fields.parts);
    /** How many words have a time; they may come later than the audio. */
    this.timed = this.paragraphs.reduce((sum, one) => sum + one.words.length, 0);
    this.count = this.paragraphs.filter((one) => one.number !== null).length;
    if (!this.paragraphs.length || !(this.seconds > 0)) throw new Error("nothing to play");
  }

  /** Index of the paragraph that is heard at `seconds`. */
  at(seconds) {
    return Math.max(0, last(this.paragraphs, (one) => one.start, seconds + SLACK));
  }

  /** Index into the paragraph's words of the one that is heard; -1 before the first. */
  wordAt(index, seconds) {
    return last(this.paragraphs[index].words, (word) => word.time, seconds + SLACK);
  }

  /** The paragraph so many steps on; back goes to the start of this one first. */
  step(seconds, steps) {
    const stops = this.paragraphs.filter((one) => one.kind !== "separator");
    const now = Math.max(0, last(stops, (one) => one.start, seconds + SLACK));
    const begun = steps < 0 && seconds - stops[now].start > BEGUN ? 1 : 0;
    return stops[Math.min(Math.max(0, now + steps + begun), stops.length - 1)];
  }

  /**
   * Where what is heard at `seconds` here is in another version of the article. What is not in that
   * one, as the note at a preview's end, counts as the end of what came before it.
   */
  moved(seconds, other) {
    const here = this.at(seconds);
    for (let index = here; index >= 0; index--) {
      const there = other.#like(this.paragraphs[index]);
      if (!there) continue;
      const into = index === here ? seconds - this.paragraphs[here].start : Infinity;
      return Math.min(there.start + into, there.end);
    }
    return 0;
  }

  #like({ kind, number, text }) {
    return (
      this.paragraphs.find((one) => one.kind === kind && text && one.text === text) ??
      this.paragraphs.find((one) => one.kind === kind && number !== null && one.number === number)
    );
  }
}

/** Parts in a row with the same number are sentences of one paragraph. */
function paragraphs(parts) {
  const found = [];
  for (const part of parts) {
    const number = Number.isInteger(part.paragraph) ? part.paragraph : null;
    const before = found.at(-1);
    if (before && number !== null && before.number === number && before.kind === part.kind) {
      append(before, part);
    } else {
      const { kind, start, end } = part;
      found.push({ kind, number, start, end, text: "", words: [] });
      append(found.at(-1), part);
    }
  }
  return found;
}

function append(paragraph, part) {
  const text = String(part.text ?? "");
  const lead = paragraph.text ? `${paragraph.text} ` : "";
  const units = unitsOf(text);
  let end = 0;
  for (const [time, first, past] of part.words ?? []) {
    // What does not fit the text is left out: a word without its mark is better than a wrong one.
    if (!(time >= 0 && first >= end && past > first && past < units.length)) continue;
    end = past;
    paragraph.words.push({
      time,
      first: lead.length + units[first],
      end: lead.length + units[past],
    });
  }
  paragraph.text = lead + text;
  paragraph.end = part.end;
}

/** Python counts characters and JavaScript UTF-16 units: where each character begins, and the end. */
function unitsOf(text) {
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1) + character.length);
  return starts;
}

/** Index of the last of `sorted` whose key is at most `value`, or -1. */
function last(sorted, key, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(sorted[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
