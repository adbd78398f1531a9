/** Tells how long a run still takes, from how long its measurements took so far. */
export class Progress {
  readonly #total: number;
  readonly #now: () => number;
  readonly #began: number;
  #done = 0;

  /** @param now milliseconds */
  constructor(total: number, now: () => number = Date.now) {
    [this.#total, this.#now] = [total, now];
    this.#began = now();
  }

  /** One more is done: `[ 3/240] WORDS; 42 min left`. */
  done(words: string): string {
    this.#done += 1;
    const each = (this.#now() - this.#began) / this.#done;
    const number = `[${String(this.#done).padStart(String(this.#total).length)}/${this.#total}]`;
    return `${number} ${words}; ${timeWords(((this.#total - this.#done) * each) / 1000)} left`;
  }
}

/** `45 s`, `12 min`, `3 h 20 min`. */
export function timeWords(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
