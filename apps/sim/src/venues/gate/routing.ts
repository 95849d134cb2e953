/**
 * Which route a request is for: paths below `/api/v4`, with one segment in place of each `{name}`. The settlement
 * currency of a futures path is taken in either case, as the venue does.
 */
import type { Route } from './call.ts';

export const API_ROOT = '/api/v4';

export type Routed =
  | { readonly kind: 'found'; readonly route: Route; readonly path: Readonly<Record<string, string>> }
  /** A path that is served, with another method. */
  | { readonly kind: 'wrong_method' }
  | { readonly kind: 'unknown' };

export type Router = (method: string, path: string) => Routed;

export function createRouter(routes: readonly Route[]): Router {
  const table = routes.map((route) => ({ route, segments: route.path.split('/') }));
  return (method, path) => {
    const asked = withoutRoot(path)?.split('/');
    if (asked === undefined) return { kind: 'unknown' };
    if (asked[1] === 'futures' && asked[2] !== undefined) asked[2] = asked[2].toLowerCase();
    let isServed = false;
    for (const { route, segments } of table) {
      const captured = match(segments, asked);
      if (captured === undefined) continue;
      if (route.method === method) return { kind: 'found', route, path: captured };
      isServed = true;
    }
    return { kind: isServed ? 'wrong_method' : 'unknown' };
  };
}

function withoutRoot(path: string): string | undefined {
  return path.startsWith(`${API_ROOT}/`) ? path.slice(API_ROOT.length) : undefined;
}

function match(segments: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== asked.length) return undefined;
  const captured: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const given = asked[index] ?? '';
    if (segment.startsWith('{')) captured[segment.slice(1, -1)] = given;
    else if (segment !== given) return undefined;
  }
  return captured;
}
