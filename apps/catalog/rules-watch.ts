import { RulesReplaced } from '#runtime';

/** Ends the process when other rules have come into force: it starts again, with those. */
export class RulesWatch {
  constructor(private readonly onRulesReplaced: (error: Error) => void) {}

  look(error: unknown): void {
    if (error instanceof RulesReplaced) this.onRulesReplaced(error);
  }
}
