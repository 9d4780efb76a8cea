import type { Answer } from '../../http/answer';

/** Text that is markup already. Only `markup` makes it from parts. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | null | undefined | false | readonly Part[];

/** A template whose parts are escaped, unless they are markup. null, undefined and false print nothing. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += print(part) + (strings[index + 1] ?? '');
  return new Markup(text);
}

/** The five characters that mean something in markup, in text as well as in a quoted attribute. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function print(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map((inner: Part) => print(inner)).join('');
  return escape(String(part));
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6472; --line: #cfd6de; --paper: #fff; --tint: #f3f6f9; --accent: #1f5fa8; --good: #1c6b3a; --bad: #a3261f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf0; --soft: #a3aebb; --line: #3d4753; --paper: #171c22; --tint: #212831; --accent: #86b8f0; --good: #7fd09c; --bad: #f2938c; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding-top: 1rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); }
footer { padding-top: 2rem; padding-bottom: 2rem; color: var(--soft); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td, dd, h1 { overflow-wrap: anywhere; }
img { display: block; border-radius: 4px; }
form.search, nav.pages, .actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 1rem; padding: .5rem 1rem 1rem; } legend { font-weight: 600; padding: 0 .4rem; }
label, .label { display: block; font-weight: 600; } .hint { color: var(--soft); font-size: .875rem; margin: 0; }
input, select, textarea, button, .button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; padding: .4rem .6rem; max-width: 100%; }
.fields input:not([type=checkbox]), .fields select, .fields textarea { width: 100%; } textarea { min-height: 5rem; }
button, .button { cursor: pointer; background: var(--tint); display: inline-block; text-decoration: none; } button.main { background: var(--accent); color: var(--paper); border-color: var(--accent); font-weight: 600; }
button.danger { border-color: var(--bad); color: var(--bad); }
.note { border-left: 4px solid var(--good); background: var(--tint); padding: .75rem 1rem; margin: 1rem 0; } .note.bad { border-color: var(--bad); }
.error { color: var(--bad); margin: 0; } [aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.empty { padding: 3rem 1rem; text-align: center; background: var(--tint); border-radius: 6px; }
`;

/** A whole page. No script, nothing from elsewhere; both are forbidden to the browser as well. */
export function pageAnswer(status: number, title: string, content: Markup): Answer {
  const document = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Plytix sandbox</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
          <strong><a href="/">Plytix sandbox</a></strong>
          <p>A simulator. What you save here, API clients see.</p>
        </header>
        <main id="content">${content}</main>
        <footer>Times are UTC. API: <code>/api/v1</code>, <code>/api/v2</code></footer>
      </body>
    </html> `;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      // Not `no-referrer`: browsers would then send `Origin: null` with the page's own forms.
      'referrer-policy': 'same-origin',
    },
    body: document.text,
  };
}

/** A time for people: `2026-11-20 12:04:31.207`. */
export function readableTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
