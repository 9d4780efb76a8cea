import type { Output } from '../context';

/** Erases the line that the cursor is on and returns to its beginning. */
const ERASE = '\r\u001b[2K';

/**
 * Lines that stay, above one line that changes. Without a terminal only the lines that stay are written, so
 * that a log file reads well.
 */
export class Screen {
  private liveText = '';

  constructor(private readonly output: Output) {}

  /** Writes a line that stays. */
  line(text: string): void {
    const { liveText } = this;
    this.live('');
    this.output.write(`${text}\n`);
    this.live(liveText);
  }

  /** Shows `text` as the changing last line; an empty text removes it. Must fit into the width. */
  live(text: string): void {
    if (!this.output.isTTY || (text === '' && this.liveText === '')) return;
    this.output.write(`${ERASE}${text}`);
    this.liveText = text;
  }
}
