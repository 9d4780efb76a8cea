/**
 * How far a partition may be committed while its records are written out of order. Pure bookkeeping for one
 * partition in one assignment; it dies with the assignment.
 */
export class OffsetTracker {
  /** Spans that are not committable yet, oldest first. */
  private readonly waiting: Span[] = [];
  private advancedTo: bigint | null = null;

  /** @param onAdvance called after each step of `committable`. */
  constructor(private readonly onAdvance: () => void = () => undefined) {}

  /** The next offset to be read after everything up to it was written; null before the first. */
  get committable(): bigint | null {
    return this.advancedTo;
  }

  /**
   * Opens the span of a fetched batch, which ends before `nextOffset`. Batches come in the order of their
   * offsets. The span is held once, by whoever opened it, until it calls `release`.
   */
  begin(nextOffset: bigint): Span {
    const span = new Span(nextOffset, () => this.advance());
    this.waiting.push(span);
    return span;
  }

  private advance(): void {
    const before = this.advancedTo;
    while (this.waiting[0]?.isDone) this.advancedTo = this.waiting.shift()!.nextOffset;
    if (this.advancedTo !== before) this.onAdvance();
  }
}

/** The offsets of one batch. It is done when everybody who held it has released it. */
export class Span {
  private holders = 1;

  constructor(
    readonly nextOffset: bigint,
    private readonly whenDone: () => void,
  ) {}

  get isDone(): boolean {
    return this.holders === 0;
  }

  /** One more record of the batch waits to be written. */
  hold(): void {
    this.holders += 1;
  }

  /** A holder is through. Once for each `hold`, and once for the opening. */
  release(): void {
    if (this.holders === 0) throw new RangeError('releasing a span of offsets: nobody holds it');
    this.holders -= 1;
    if (this.holders === 0) this.whenDone();
  }
}
