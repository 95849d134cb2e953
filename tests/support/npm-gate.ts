/**
 * Both emulated markets of Gate with the npm client `gateio-api` pointed at them by its own options. Others wrote it
 * against the real venue, so what works with it was not shaped to our own code.
 */
import { RestClient, WebsocketAPIClient, WebsocketClient } from 'gateio-api';
import { type Sim, startSim } from '../../apps/sim/src/sim.ts';
import { systemClock } from '../../proto/src/clock.ts';
import { decimal } from '../../proto/src/decimal.ts';

export type GateVenue = 'gate-spot' | 'gate-usdt-futures';

export const PAIR = 'BTC_USDT';
export const FUTURES = { settle: 'usdt', contract: PAIR } as const;
export const UID = '10406147';
const keys = { apiKey: 'npm-key', apiSecret: 'npm-secret' };
/** The client logs what it receives and every refusal, of which the tests provoke some. */
const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

export interface NpmGate {
  readonly sim: Sim;
  restAt(venue: GateVenue, options?: { readonly apiKey?: string; readonly apiSecret?: string }): RestClient;
  /** Its requests are stamped so many milliseconds ago. */
  lateRestAt(venue: GateVenue, lateMs: number): RestClient;
  channelsAt(venue: GateVenue): Channels;
  wsApiAt(venue: GateVenue): WebsocketAPIClient;
  /** A price that rests: `percent` below the best bid. */
  below(venue: GateVenue, percent: number): string;
  close(): Promise<void>;
}

/** A client of the channels, and how to wait for a message of one. */
export interface Channels {
  subscribe(topic: string, payload?: readonly string[]): void;
  /** The result of the first message of the channel that satisfies `wanted`, past or future. */
  take(channel: string, event: string, wanted?: (result: unknown) => boolean): Promise<unknown>;
}

export async function startNpmGate(seed: number): Promise<NpmGate> {
  const balances = { USDT: decimal('100000'), BTC: decimal('10') };
  const sim = await startSim({
    clock: systemClock(),
    seed,
    venues: ['gate-spot', 'gate-usdt-futures'],
    symbols: ['BTCUSDT'],
    accounts: [{ ...keys, name: 'main', uid: UID, canWithdraw: false, balances }],
  });
  const clients: WebsocketClient[] = [];
  const baseUrl = (venue: GateVenue) => `${sim.venue(venue).url}/api/v4`;
  const wsUrl = (venue: GateVenue) =>
    `${sim.venue(venue).url.replace('http', 'ws')}${venue === 'gate-spot' ? '/ws/v4/' : '/v4/ws/usdt'}`;
  return {
    sim,
    restAt: (venue, options = {}) => new RestClient({ ...keys, ...options, baseUrl: baseUrl(venue) }),
    lateRestAt(venue, lateMs) {
      const client = new RestClient({ ...keys, baseUrl: baseUrl(venue) });
      client.getSignTimestampMs = () => Date.now() - lateMs;
      return client;
    },
    channelsAt(venue) {
      const client = new WebsocketClient({ ...keys, wsUrl: wsUrl(venue) }, quiet);
      clients.push(client);
      return channelsOf(client, venue === 'gate-spot' ? 'spotV4' : 'perpFuturesUSDTV4');
    },
    wsApiAt(venue) {
      const client = new WebsocketAPIClient({ ...keys, wsUrl: wsUrl(venue), attachEventListeners: false }, quiet);
      clients.push(client.getWSClient());
      return client;
    },
    below(venue, percent) {
      const bid = Number(sim.venue(venue).core.bestQuote(PAIR)?.bid[0]);
      return String(Math.round(bid * (1 - percent / 100) * 10) / 10);
    },
    async close() {
      for (const client of clients) client.closeAll(true);
      await sim.close();
    },
  };
}

function channelsOf(client: WebsocketClient, wsKey: 'spotV4' | 'perpFuturesUSDTV4'): Channels {
  const seen: { readonly channel?: string; readonly event?: string; readonly result?: unknown }[] = [];
  const waiting = new Set<() => void>();
  const keep = (message: object) => {
    seen.push(message);
    for (const check of waiting) check();
  };
  client.on('update', keep);
  client.on('response', keep);
  return {
    subscribe: (topic, payload) =>
      client.subscribe({ topic, ...(payload === undefined ? {} : { payload: [...payload] }) }, wsKey),
    take(channel, event, wanted = () => true) {
      return new Promise((resolve) => {
        const check = () => {
          const found = seen.find((one) => one.channel === channel && one.event === event && wanted(one.result));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found.result);
        };
        waiting.add(check);
        check();
      });
    },
  };
}

/** What a call of the client is refused with. */
export function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

/** Whether one row of a push has these fields. */
export function hasRow(fields: Readonly<Record<string, unknown>>): (result: unknown) => boolean {
  return (result) =>
    Array.isArray(result) &&
    result.some((row) => Object.entries(fields).every(([name, value]) => Object.is(row[name], value)));
}
