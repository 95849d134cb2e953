/**
 * What lies under ccxt: the WebSocket that it opens and the `fetch` that it calls.
 *
 * ccxt keeps its official URLs, so that every code path of it is the production one; a configured `venueUrl` replaces
 * only the origin, here, at the last moment. ccxt's WsClient captures `globalThis.WebSocket` when its module loads:
 * `installTransport` must have run before ccxt is imported (`create-venue.ts` sees to that).
 *
 * T1  Which origin a socket goes to, and who taps it, is decided per socket, by headers that are taken off again here:
 *     there is no table that two venues of one process could fight over.
 * T2  `close(1006)` terminates. ccxt calls it when a connection does not come up in time; the native socket throws
 *     InvalidAccessError for that code, from within a timer, and the process dies.
 * T3  A closed socket is gone within `CLOSE_GRACE_MS`, whether or not the peer answers the close frame.
 * T4  Redirects by the peer are never followed: a signed request must not reach another host.
 * T5  The fragment of a socket's URL never leaves: ccxt keeps one socket a URL, and several of one address are told apart
 *     by it.
 */
import type { WireTap } from './wire-tap.ts';

/** Names the origin that replaces the URL's own; never leaves the process. */
export const VENUE_URL_HEADER = 'x-trunkline-venue-url';
/** Carries the frame listener of a tap; never leaves the process. */
const TAP_HEADER = 'x-trunkline-tap';

const CLOSE_GRACE_MS = 2_000;
const INSTALLED = Symbol.for('trunkline.transport');

type OnFrame = WireTap['frame'];

/** What ccxt hands to the sockets that it opens: it passes headers through, and nothing else. */
export interface SocketHeaders {
  readonly [VENUE_URL_HEADER]?: string;
  readonly [TAP_HEADER]?: OnFrame;
}

export function socketHeaders(venueUrl: string | undefined, tap: WireTap | undefined): SocketHeaders {
  return {
    ...(venueUrl === undefined ? {} : { [VENUE_URL_HEADER]: venueUrl }),
    ...(tap === undefined ? {} : { [TAP_HEADER]: tap.frame }),
  };
}

/** A socket of our own making, redirected and tapped as ccxt's are; `installTransport` must have run. */
export function openSocket(url: string, headers: SocketHeaders): WebSocket {
  return Reflect.construct(globalThis.WebSocket, [url, { headers }]);
}

interface SocketOptions {
  readonly headers?: SocketHeaders & Record<string, string>;
  readonly protocols?: string | string[];
}

/** Puts the WebSocket of this module in place of the native one. Idempotent. */
export function installTransport(): void {
  const Native = globalThis.WebSocket;
  if (INSTALLED in Native) return;

  class VenueSocket extends Native {
    static readonly [INSTALLED] = true;

    constructor(url: string | URL, options?: string | string[] | SocketOptions) {
      if (options === undefined || typeof options === 'string' || Array.isArray(options)) {
        super(withoutFragment(String(url)), options);
        return;
      }
      const { [VENUE_URL_HEADER]: venueUrl, [TAP_HEADER]: onFrame, ...headers } = options.headers ?? {};
      const { protocols } = options;
      super(venueUrl === undefined ? withoutFragment(String(url)) : atVenue(String(url), venueUrl), {
        headers,
        ...(protocols === undefined ? {} : { protocols }),
      });
      // Before ccxt listens: a tap hears of a frame first.
      if (onFrame !== undefined) {
        this.addEventListener('message', ({ data }) => {
          if (typeof data === 'string') onFrame(String(url), data);
        });
      }
    }

    override close(code?: number, reason?: string): void {
      if (code === 1006) {
        this.terminate();
        return;
      }
      super.close(code, reason);
      const timer = setTimeout(() => {
        if (this.readyState !== Native.CLOSED) this.terminate();
      }, CLOSE_GRACE_MS);
      timer.unref();
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', { value: VenueSocket, writable: true, configurable: true });
}

/** The same path and query at another origin; `ws:` stays a WebSocket scheme. */
export function atVenue(url: string, venueUrl: string): string {
  const from = new URL(url);
  const to = new URL(venueUrl);
  const secure = to.protocol === 'https:' || to.protocol === 'wss:';
  const scheme = from.protocol.startsWith('ws') ? (secure ? 'wss:' : 'ws:') : secure ? 'https:' : 'http:';
  const base = to.pathname.replace(/\/$/, '');
  return `${scheme}//${to.host}${base}${from.pathname}${from.search}`;
}

function withoutFragment(url: string): string {
  return url.split('#', 1).join('');
}
