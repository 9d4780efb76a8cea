/** A small seeded generator (mulberry32): the same seed gives the same catalogue on every machine. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.next() * choices.length)];
    if (choice === undefined) throw new Error('picking at random: there is nothing to pick from');
    return choice;
  }

  /** `count` different ones, in the order of `choices`. */
  sample<T>(choices: readonly T[], count: number): T[] {
    const places = this.shuffle(choices.map((_, place) => place)).slice(0, count);
    return places.sort((a, b) => a - b).map((place) => choices[place]!);
  }

  /** The same elements in another order; the input stays as it is. */
  shuffle<T>(choices: readonly T[]): T[] {
    const shuffled = [...choices];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = this.between(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
    }
    return shuffled;
  }
}
