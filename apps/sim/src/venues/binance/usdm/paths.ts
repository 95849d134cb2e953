/** Which service a WebSocket address asks for. */
import type { StreamPath } from './market-streams.ts';

export type SocketRequest =
  | { readonly kind: 'ws_api' }
  /** A listen key, or more than one stream of which some may be listen keys on the old paths. */
  | { readonly kind: 'user'; readonly listenKey: string; readonly combined: boolean }
  | {
      readonly kind: 'market';
      /** Undefined carries both kinds of market streams. */
      readonly path: StreamPath | undefined;
      readonly combined: boolean;
      readonly streams: readonly string[];
    };

/** A listen key: 64 letters and digits. No stream name looks so. */
const LISTEN_KEY = /^[A-Za-z0-9]{64}$/;
const ADDRESS = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/([^/]*))?\/?$/;

/** Undefined for an address that is no WebSocket service of the venue. */
export function readSocketRequest(url: URL): SocketRequest | undefined {
  if (url.pathname === '/ws-fapi/v1') return { kind: 'ws_api' };
  const match = ADDRESS.exec(url.pathname);
  if (match === null) return undefined;
  const [, category, form, name = ''] = match;
  const combined = form === 'stream';
  const listed = combined ? (url.searchParams.get('streams') ?? '').split('/') : [decodeURIComponent(name)];
  const streams = listed.filter((stream) => stream !== '');
  if (category === 'private') {
    return { kind: 'user', listenKey: url.searchParams.get('listenKey') ?? streams[0] ?? '', combined };
  }
  const [first = ''] = streams;
  if (category === undefined && streams.length === 1 && LISTEN_KEY.test(first))
    return { kind: 'user', listenKey: first, combined };
  return {
    kind: 'market',
    path: category === 'public' || category === 'market' ? category : undefined,
    combined,
    streams,
  };
}
