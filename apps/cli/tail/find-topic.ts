import { UserError } from '../errors';
import { escapeForTerminal } from '../format/escape';
import { nearest } from '../format/suggest';

/** The topic that is meant: by its full name, or without the prefix where that is enough (`catalog.product`). */
export function findTopic(name: string, topics: readonly string[]): string {
  if (topics.includes(name)) return name;
  const endings = topics.filter((topic) => topic.endsWith(`.${name}`));
  if (endings.length === 1) return endings[0]!;
  const shown = escapeForTerminal(name);
  if (endings.length > 1) {
    throw new UserError(`"${shown}" could be ${endings.join(' or ')}. Give the full name.`);
  }
  const near = nearest(name, topics) ?? nearestEnding(name, topics);
  const hint = near === null ? 'npx millrace topics lists them.' : `Did you mean ${near}?`;
  throw new UserError(`There is no topic "${shown}". ${hint}`);
}

/** For a misspelt name without its prefix. */
function nearestEnding(name: string, topics: readonly string[]): string | null {
  const endings = new Map(topics.map((topic) => [topic.slice(topic.indexOf('.') + 1), topic]));
  return endings.get(nearest(name, [...endings.keys()]) ?? '') ?? null;
}
