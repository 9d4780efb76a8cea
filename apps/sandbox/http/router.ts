/** A route of a vendor's API. `path` holds `{name}` where one path segment varies. */
export interface Route<Handler> {
  method: string;
  path: string;
  handle: Handler;
}

/** What a path leads to: a handler, a path that only knows other methods (405), or nothing (404). */
export type RouteMatch<Handler> =
  | { kind: 'found'; route: Route<Handler>; params: Record<string, string> }
  | { kind: 'wrong-method'; allow: string[] }
  | { kind: 'unknown' };

interface CompiledRoute<Handler> {
  route: Route<Handler>;
  segments: string[];
  variables: number;
}

/** Finds routes by method and path. A literal segment beats a variable one, whatever the order of the table. */
export class Router<Handler> {
  private readonly bySegmentCount = new Map<number, CompiledRoute<Handler>[]>();

  constructor(routes: readonly Route<Handler>[]) {
    for (const route of routes) {
      const segments = route.path.split('/');
      const variables = segments.filter((segment) => segment.startsWith('{')).length;
      const group = this.bySegmentCount.get(segments.length) ?? [];
      group.push({ route, segments, variables });
      group.sort((a, b) => a.variables - b.variables);
      this.bySegmentCount.set(segments.length, group);
    }
  }

  match(method: string, path: string): RouteMatch<Handler> {
    const segments = path.split('/');
    const allow = new Set<string>();
    for (const candidate of this.bySegmentCount.get(segments.length) ?? []) {
      const params = bind(candidate.segments, segments);
      if (!params) continue;
      if (candidate.route.method === method) return { kind: 'found', route: candidate.route, params };
      allow.add(candidate.route.method);
    }
    return allow.size > 0 ? { kind: 'wrong-method', allow: [...allow] } : { kind: 'unknown' };
  }
}

function bind(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index]!;
    if (expected.startsWith('{')) {
      if (actual === '') return null;
      params[expected.slice(1, -1)] = actual;
    } else if (expected !== actual) {
      return null;
    }
  }
  return params;
}
