/**
 * The npm client `bitget-api`, unmodified, pointed at a front of the sim by its own options: its REST client, its
 * streams with everything that they told remembered, and the venue's own error inside what it throws.
 */
import { RestClientV2, WebsocketClientV2 } from 'bitget-api';
import type { ServedVenue } from '../../apps/sim/src/sim.ts';

export const KEY = { apiKey: 'npm-key', apiSecret: 'npm-secret', apiPass: 'npm-passphrase' };

export function rest(front: ServedVenue, key: Partial<typeof KEY> = {}): RestClientV2 {
  return new RestClientV2({ ...KEY, ...key, baseUrl: front.url });
}

/** What a stream told, and a wait for what it is to tell. */
export function stream(front: ServedVenue, path: 'public' | 'private') {
  const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };
  const client = new WebsocketClientV2({ ...KEY, wsUrl: `${front.url.replace('http', 'ws')}/v2/ws/${path}` }, silent);
  const frames: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  const keep = (frame: unknown) => {
    frames.push(Object(frame));
    for (const check of waiting) check();
  };
  for (const name of ['update', 'response', 'exception'] as const) client.on(name, keep);
  const until = (isWanted: (frame: Record<string, unknown>) => boolean) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const check = () => {
        const found = frames.find(isWanted);
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  const data = async (channel: string, isWanted: (row: Record<string, unknown>) => boolean = () => true) => {
    const rowsOf = (frame: Record<string, unknown>): Record<string, unknown>[] =>
      Object(frame['arg']).channel === channel && Array.isArray(frame['data']) ? frame['data'] : [];
    const frame = await until((one) => rowsOf(one).some(isWanted));
    return Object(rowsOf(frame).find(isWanted));
  };
  const subscribed = (channel: string) =>
    until((frame) => frame['event'] === 'subscribe' && Object(frame['arg']).channel === channel);
  return { client, data, subscribed };
}

export function subscribePrivate(
  socket: WebsocketClientV2,
  instType: string,
  topics: readonly string[],
): Promise<unknown> {
  const requests = topics.map((topic) => ({
    topic,
    payload: { instType, ...(topic === 'account' ? { coin: 'default' } : { instId: 'default' }) },
  }));
  return socket.subscribe(requests, 'v2Private');
}

/** The venue's own error inside what the client throws. */
export async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'accepted',
    (error: unknown) => {
      const { code, body } = Object(error);
      return { status: code, code: Object(body).code, msg: Object(body).msg };
    },
  );
}
