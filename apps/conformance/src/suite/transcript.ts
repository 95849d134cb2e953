/** What a card sent and saw, line by line, for the block that a failure prints. Bounded: the newest lines are kept. */

const MAX_LINES = 60;

export class Transcript {
  readonly #lines: string[] = [];
  #dropped = 0;

  say(line: string): void {
    this.#lines.push(line.length > 240 ? `${line.slice(0, 240)}...` : line);
    if (this.#lines.length <= MAX_LINES) return;
    this.#lines.shift();
    this.#dropped += 1;
  }

  get lines(): readonly string[] {
    return this.#dropped === 0 ? this.#lines : [`(${this.#dropped} lines before)`, ...this.#lines];
  }
}
