/** Which service of spot a WebSocket address asks for. User data comes over the WebSocket API only. */
export type SocketRequest =
  | { readonly kind: 'ws_api' }
  | { readonly kind: 'market'; readonly combined: boolean; readonly streams: readonly string[] };

const ADDRESS = /^\/(ws|stream)(?:\/([^?]*))?$/;

/**
 * `/ws`, `/ws/<stream>`, `/ws/<a>/<b>`, `/stream?streams=<a>/<b>`. A path below `/stream` (ccxt's `/stream/ws/0`) is
 * one of raw streams, as the venue serves it.
 */
export function readSocketRequest(url: URL): SocketRequest | undefined {
  if (url.pathname === '/ws-api/v3') return { kind: 'ws_api' };
  const match = ADDRESS.exec(url.pathname);
  if (match === null) return undefined;
  const [, form, rest = ''] = match;
  const combined = form === 'stream' && rest === '';
  const listed = combined ? (url.searchParams.get('streams') ?? '') : decodeURIComponent(rest);
  return { kind: 'market', combined, streams: listed.split('/').filter((name) => name.includes('@')) };
}
