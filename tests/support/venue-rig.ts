/** A real venue layer on the sim, in one process, with everything that it said remembered in order. */
import { afterEach, expect } from 'bun:test';
import { createVenue } from '../../apps/connector/src/venues/create-venue.ts';
import type { Venue, VenueEvent } from '../../apps/connector/src/venues/venue.ts';
import { needsPassphrase, type OrderEntry, type VenueTimings } from '../../apps/connector/src/venues/venue-config.ts';
import { type Sim, type SimOptions, startSim } from '../../apps/sim/src/sim.ts';
import { VENUES } from '../../apps/sim/src/venues/registry.ts';
import { silentLogger } from '../../packages/kit/src/log.ts';
import { Secret } from '../../packages/kit/src/secret.ts';
import { VenueState } from '../../proto/gen/trunkline/exchange/v1/session.ts';
import { systemClock } from '../../proto/src/clock.ts';
import { decimal } from '../../proto/src/decimal.ts';
import { seededRng } from '../../proto/src/rng.ts';

export const SYMBOL = 'BTC/USDT:USDT';
export const VENUE_SYMBOL = 'BTCUSDT';
/** The sim's fronts, as a connector's config names them. */
export const FRONTS = {
  'binance-usdm': { venue: 'binance', market: 'perpetual', symbol: SYMBOL, venueSymbol: VENUE_SYMBOL },
  'binance-spot': { venue: 'binance', market: 'spot', symbol: 'BTC/USDT', venueSymbol: VENUE_SYMBOL },
  'bitget-usdt-futures': { venue: 'bitget', market: 'perpetual', symbol: SYMBOL, venueSymbol: VENUE_SYMBOL },
  'bitget-spot': { venue: 'bitget', market: 'spot', symbol: 'BTC/USDT', venueSymbol: VENUE_SYMBOL },
  'gate-usdt-futures': { venue: 'gate', market: 'perpetual', symbol: SYMBOL, venueSymbol: 'BTC_USDT' },
  'gate-spot': { venue: 'gate', market: 'spot', symbol: 'BTC/USDT', venueSymbol: 'BTC_USDT' },
} as const;
export type FrontName = keyof typeof FRONTS;

export const API_KEY = 'canary-key-0123456789';
export const API_SECRET = 'canary-secret-0123456789';
export const API_PASSPHRASE = 'canary-passphrase-0123456789';

/** Below the runner's own limit for a test, so that what was waited for is named. */
const GIVE_UP_MS = 4_000;
const ASK_AGAIN_MS = 20;

/** A venue layer over a sim of its own, neither started nor listened to. */
export interface VenueOnSim {
  readonly sim: Sim;
  readonly venue: Venue;
  /** Everything said by the venue layer, for a look at what must not be in it. */
  readonly logged: () => string;
  fault(body: object): Promise<void>;
  /** Ends the sim and starts it again with the same options, on the same ports; `sim` is then the new one. */
  restartSim(): Promise<void>;
  close(): Promise<void>;
}

export interface VenueRig extends VenueOnSim {
  readonly events: VenueEvent[];
  /** Resolves when the condition holds; asked again after each event and now and then. */
  until(condition: () => boolean, what: string): Promise<void>;
}

export interface RigOptions {
  /** `binance-usdm` when absent. */
  readonly front?: FrontName;
  readonly sim?: Partial<SimOptions>;
  readonly secret?: string;
  readonly symbols?: readonly string[];
  readonly timings?: Partial<VenueTimings>;
  readonly orderEntry?: OrderEntry;
  readonly canWithdraw?: boolean;
  /** A server between the venue layer and the sim. */
  readonly behind?: (simUrl: string) => Between | Promise<Between>;
  /** How long `until` waits; below the runner's own limit for a test when absent. */
  readonly giveUpMs?: number;
}

export interface Between {
  readonly url: URL;
  stop(force: boolean): Promise<void>;
}

/** One rig a test, gone after it. */
export function rigPerTest() {
  let rig: VenueRig | undefined;
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });
  const open = async (options: RigOptions = {}): Promise<VenueRig> => {
    rig = await venueRig(options);
    return rig;
  };
  return {
    open,
    /** Started, with its private stream up. */
    async ready(options: RigOptions = {}): Promise<VenueRig> {
      const opened = await open(options);
      expect(await opened.venue.start()).toBeUndefined();
      expect(opened.venue.status.state).toBe(VenueState.READY);
      return opened;
    },
  };
}

export async function venueOnSim(options: RigOptions = {}): Promise<VenueOnSim> {
  const clock = systemClock();
  const front = options.front ?? 'binance-usdm';
  const { venue: venueName, market, symbol } = FRONTS[front];
  const simOptions: SimOptions = {
    clock,
    seed: 7,
    accounts: [
      {
        name: 'main',
        apiKey: API_KEY,
        apiSecret: API_SECRET,
        passphrase: API_PASSPHRASE,
        canWithdraw: options.canWithdraw ?? false,
        balances: { USDT: decimal('1000000'), BTC: decimal('100') },
      },
    ],
    venues: VENUES.filter((name) => name === front),
    symbols: [VENUE_SYMBOL],
    actionsPerSecond: 100,
    ...options.sim,
  };
  let sim = await startSim(simOptions);
  const logger = silentLogger();
  const simUrl = Object.entries(sim.urls.venues).find(([name]) => name === front)?.[1];
  if (simUrl === undefined) throw new Error(`the sim has no front ${front}`);
  const between = await options.behind?.(simUrl);
  const venue = await createVenue(
    {
      venue: venueName,
      market,
      symbols: options.symbols ?? [symbol],
      apiKey: new Secret(API_KEY),
      secret: new Secret(options.secret ?? API_SECRET),
      ...(needsPassphrase(venueName) ? { passphrase: new Secret(API_PASSPHRASE) } : {}),
      venueUrl: between === undefined ? simUrl : between.url.href,
      ...(options.orderEntry === undefined ? {} : { orderEntry: options.orderEntry }),
      timings: { requestTimeoutMs: 2_000, ...options.timings },
    },
    { clock, rng: seededRng(1), logger },
  );
  if (venue === undefined) throw new Error('the rig asked for a market that is not served');
  return {
    get sim() {
      return sim;
    },
    venue,
    logged: () => JSON.stringify(logger.entries),
    async fault(body) {
      const response = await fetch(`${sim.urls.control}/faults`, { method: 'POST', body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`the sim refused the fault: ${await response.text()}`);
    },
    async restartSim() {
      const [port, controlPort] = [simUrl, sim.urls.control].map((url) => Number(new URL(url).port));
      await sim.close();
      sim = await startSim({ ...simOptions, port: port ?? 0, controlPort: controlPort ?? 0 });
    },
    async close() {
      await venue.close();
      await between?.stop(true);
      await sim.close();
    },
  };
}

export async function venueRig(options: RigOptions): Promise<VenueRig> {
  const opened = await venueOnSim(options);
  const clock = systemClock();
  const events: VenueEvent[] = [];
  const waiting = new Set<() => void>();
  opened.venue.listen((event) => {
    events.push(event);
    for (const check of [...waiting]) check();
  });
  return {
    ...opened,
    get sim() {
      return opened.sim;
    },
    events,
    until: (condition, what) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition()) return;
          waiting.delete(check);
          clearInterval(again);
          timer.cancel();
          resolve();
        };
        const again = setInterval(check, ASK_AGAIN_MS);
        const timer = clock.schedule(options.giveUpMs ?? GIVE_UP_MS, () => {
          clearInterval(again);
          waiting.delete(check);
          reject(new Error(`waited too long for ${what}`));
        });
        waiting.add(check);
        check();
      }),
  };
}
