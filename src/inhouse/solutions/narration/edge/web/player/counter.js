// Tells the edge what happened to one listening, each thing once.

export class Counter {
  constructor(url, article) {
    this.url = url;
    this.article = article;
    this.listening = crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.counted = new Set();
  }

  /** `event` is `play`, `complete` or `subscribe`. A beacon outlives the page. */
  count(event) {
    if (this.counted.has(event)) return;
    this.counted.add(event);
    const { article, listening } = this;
    navigator.sendBeacon(this.url, JSON.stringify({ article, event, listening }));
  }
}
