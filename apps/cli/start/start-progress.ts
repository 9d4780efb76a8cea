import type { ProgressDetail, ProgressState } from '#stack';
import type { Colours } from '../context';
import { formatDuration } from '../format/time';
import type { Screen } from './screen';

/** Our own apps come up together and are told of in one line. */
const APPS: readonly string[] = ['source', 'catalog', 'sink', 'control'];

const WIDTHS = { title: 20, address: 24 } as const;

/** Shows how the parts of the hub come up, go on and end. */
export class StartProgress {
  private readonly coming = new Map<string, string>();
  private readonly appsReady = new Set<string>();
  private begin: number;
  private phase: 'starting' | 'running' | 'stopping' = 'starting';

  constructor(
    private readonly screen: Screen,
    private readonly colours: Colours,
    private readonly now: () => number,
    /** Stands above the parts; not shown when the start is refused before there is one. */
    private title = '',
  ) {
    this.begin = now();
  }

  /** Is handed to `startHub` as `onProgress`. */
  readonly onProgress = (part: string, state: ProgressState, detail: ProgressDetail): void => {
    if (this.title !== '') this.screen.line(this.title);
    this.title = '';
    if (state === 'starting' || state === 'downloading') {
      this.coming.set(part, state === 'downloading' ? `fetching ${detail.title}` : detail.title);
    } else if (state === 'ready' || state === 'external') {
      this.coming.delete(part);
      this.coming.delete('jars');
      this.showReady(part, state, detail);
    } else if (state === 'backoff' || state === 'failed') {
      this.coming.delete(part);
      this.showEnd(state, detail);
    } else if (state === 'stopping') {
      this.coming.set(part, detail.title);
    } else {
      this.coming.delete(part);
    }
    this.refresh();
  };

  /** All parts are up: from here on only what goes wrong is told. */
  started(): void {
    this.phase = 'running';
    this.coming.clear();
    this.screen.live('');
  }

  stopping(): void {
    this.phase = 'stopping';
    this.begin = this.now();
    this.coming.clear();
    this.screen.live('');
  }

  /** Draws the line of what is under way; call it now and then, for its clock. */
  refresh(): void {
    if (this.phase === 'running') return;
    const names = [...this.coming.values()].join(', ');
    const word = this.phase === 'stopping' ? 'stopping ' : '';
    const text = `  ● ${word}${names.length > 70 ? `${names.slice(0, 69)}…` : names}  ${formatDuration(this.now() - this.begin)}`;
    this.screen.live(names === '' ? '' : this.colours.dim(text));
  }

  private showReady(part: string, state: 'ready' | 'external', detail: ProgressDetail): void {
    if (this.phase === 'stopping') return;
    const mark = this.colours.green('✔');
    if (this.phase === 'running' || detail.note === 'is back') {
      return this.screen.line(`  ${mark} ${detail.title} ${detail.note ?? 'is ready'}`);
    }
    if (APPS.includes(part)) return this.showApps(part, mark);
    const end = detail.note ?? (state === 'external' ? 'yours' : this.elapsed(detail));
    const title = detail.title.padEnd(WIDTHS.title);
    this.screen.line(
      `  ${mark} ${title}  ${(detail.address ?? '').padEnd(WIDTHS.address)}  ${end}`.trimEnd(),
    );
  }

  private showApps(part: string, mark: string): void {
    this.appsReady.add(part);
    if (this.appsReady.size === APPS.length) this.screen.line(`  ${mark} ${APPS.join(' · ')}`);
  }

  private elapsed({ elapsedMs }: ProgressDetail): string {
    return elapsedMs === undefined ? '' : formatDuration(elapsedMs);
  }

  private showEnd(state: 'backoff' | 'failed', detail: ProgressDetail): void {
    if (this.phase === 'stopping') return;
    const mark = state === 'failed' ? this.colours.red('✖') : this.colours.yellow('!');
    this.screen.line(`  ${mark} ${detail.title} ${detail.note ?? 'did not become ready'}`);
  }
}
