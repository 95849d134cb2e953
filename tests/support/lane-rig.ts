/**
 * A connector's order lane under the hands of a raw client: every frame of session.proto by itself, on a clock that
 * only moves when told to, over a venue whose answers can be held back.
 */
import { ConnectorCore, type CoreConfig, LANE_DEFAULTS } from '../../apps/connector/src/core.ts';
import { silentLogger } from '../../packages/kit/src/log.ts';
import { DenyRule, OrderType, PlaceOrder, Side } from '../../proto/gen/trunkline/exchange/v1/order.ts';
import {
  type GoodbyeReason,
  Hello,
  type SessionEvent,
  SessionMode,
  type TradeRequestFrame,
  type TradeResponseFrame,
  type Welcome,
} from '../../proto/gen/trunkline/exchange/v1/session.ts';
import type { StreamEnd } from '../../proto/src/exchange.ts';
import { literal, parseOrderTag } from '../../proto/src/ids.ts';
import { seededRng } from '../../proto/src/rng.ts';
import { PROTOCOL_VERSION } from '../../proto/src/version.ts';
import { VirtualClock } from '../../proto/src/virtual-clock.ts';
import { PRICE, type ScriptedVenue, SYMBOL, scriptedVenue } from './scripted-venue.ts';

export const ENGINE = { role: 'engine', name: 'main' } as const;
export const TOOL = { role: 'tool', name: 'desk' } as const;
export type Body = NonNullable<
  Extract<NonNullable<TradeRequestFrame['frame']>, { $case: 'command' }>['value']['command']
>;

export interface Rig {
  readonly clock: VirtualClock;
  readonly venue: ScriptedVenue;
  readonly core: ConnectorCore;
  /** The places that were passed, in order. */
  readonly failpoints: string[];
}

let opened: Rig[] = [];

/** Closes what a test opened; how many timers each has left (none, if all is well). */
export async function closeAll(): Promise<number[]> {
  const rigs = opened;
  opened = [];
  for (const { core, clock } of rigs) {
    await core.close();
    await clock.advanceAsync(10_000);
  }
  return rigs.map(({ clock }) => clock.pending);
}

/** A started connector; `change` may alter its venue first. */
export async function connector(
  changes: Partial<CoreConfig> = {},
  change: (venue: ScriptedVenue) => void = () => {},
): Promise<Rig> {
  const clock = new VirtualClock();
  const venue = scriptedVenue(() => clock.wallUs());
  change(venue);
  const failpoints: string[] = [];
  const core = new ConnectorCore({
    venue,
    clock,
    rng: seededRng('lane'),
    log: silentLogger(),
    failpoint: (name) => failpoints.push(name),
    config: {
      ...LANE_DEFAULTS,
      account: 'main',
      tag: literal(parseOrderTag, 'bin'),
      symbols: [SYMBOL],
      region: 'local',
      commit: '',
      grants: { 'engine/main': 'trade', 'tool/desk': 'tool', 'tool/eye': 'observe' },
      guard: {},
      ...changes,
    },
  });
  await core.start();
  const rig = { clock, venue, core, failpoints };
  opened.push(rig);
  return rig;
}

/** A stream by hand: what was sent to it, and how it ended. */
export class Client {
  readonly frames: NonNullable<TradeResponseFrame['frame']>[] = [];
  readonly batches: number[] = [];
  end: StreamEnd | undefined;
  readonly #rig: Rig;
  readonly #sender;
  #commands = 0;

  constructor(rig: Rig, caller: { role: 'engine' | 'tool'; name: string } = ENGINE) {
    this.#rig = rig;
    this.#sender = rig.core.trade(
      { caller },
      {
        message: ({ frames }) => {
          this.batches.push(frames.length);
          for (const { frame } of frames) if (frame) this.frames.push(frame);
        },
        closed: (end) => {
          this.end = end;
        },
      },
    );
  }

  async send(...frames: NonNullable<TradeRequestFrame['frame']>[]): Promise<void> {
    this.#sender.send({ frames: frames.map((frame) => ({ frame })) });
    await this.#rig.clock.advanceAsync(0);
  }

  hello(changes: Partial<Hello> = {}): Promise<void> {
    const value = Hello.fromPartial({
      protocolVersion: PROTOCOL_VERSION,
      engineId: 'e1',
      mode: SessionMode.TRADE,
      epoch: 1,
      attempt: 1,
      sentAtUs: this.#rig.clock.wallUs(),
      eventWindow: 4_096,
      ...changes,
    });
    return this.send({ $case: 'hello', value });
  }

  command(body: Body, validMs = 5_000, commandSeq = ++this.#commands): Promise<void> {
    this.#commands = commandSeq;
    const validUntilUs = this.#rig.clock.wallUs() + validMs * 1_000;
    const value = { commandSeq, validUntilUs, sentAtUs: this.#rig.clock.wallUs(), traceparent: '', command: body };
    return this.send({ $case: 'command', value });
  }

  ack(seq: number): Promise<void> {
    return this.send({ $case: 'ack', value: { seq } });
  }

  goodbye(reason: GoodbyeReason): Promise<void> {
    return this.send({ $case: 'goodbye', value: { reason } });
  }

  /** Half-closes, as a killed process may seem to. */
  async drop(): Promise<void> {
    this.#sender.end();
    await this.#rig.clock.advanceAsync(0);
  }

  get welcome(): Welcome | undefined {
    for (const frame of this.frames) if (frame.$case === 'welcome') return frame.value;
    return undefined;
  }

  get events(): SessionEvent[] {
    return this.frames.flatMap((frame) => (frame.$case === 'event' ? [frame.value] : []));
  }

  /** `seq fate` of every outcome so far; a denial with its rule and field. */
  get results(): string[] {
    return this.events.flatMap(({ event }) => {
      if (event?.$case !== 'result') return [];
      return event.value.outcomes.map(({ fate }) => {
        const shown =
          fate?.$case === 'denied' ? `denied ${DenyRule[fate.value.rule]} ${fate.value.field}` : fate?.$case;
        return `${event.value.commandSeq} ${shown}`.trim();
      });
    });
  }

  get ending(): string | undefined {
    return this.end?.kind === 'failed' ? this.end.error.reasonName : this.end?.kind;
  }
}

export async function welcomed(rig: Rig, changes: Partial<Hello> = {}): Promise<Client> {
  const client = new Client(rig);
  await client.hello(changes);
  await client.send({ $case: 'heartbeat', value: { sentAtUs: rig.clock.wallUs() } });
  return client;
}

let minted = 0;
export function place(changes: Partial<PlaceOrder> = {}): Body {
  const clientOrderId = `bin_1_lane0${(minted++).toString(36)}`;
  const order = { clientOrderId, symbol: SYMBOL, side: Side.BUY, type: OrderType.LIMIT, price: PRICE.rests };
  return { $case: 'place', value: PlaceOrder.fromPartial({ ...order, quantity: '0.01', ...changes }) };
}

/** Holds back every answer of the venue to a place, after its POST. */
export function holdPlaces(venue: ScriptedVenue): () => void {
  const { place } = venue;
  const held = Promise.withResolvers<void>();
  Object.assign(venue, {
    place: async (...args: Parameters<ScriptedVenue['place']>) => {
      const outcome = await place(...args);
      await held.promise;
      return outcome;
    },
  });
  return held.resolve;
}

export async function openIds(venue: ScriptedVenue): Promise<string[]> {
  const { orders } = await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' });
  return orders.map(({ clientOrderId }) => clientOrderId);
}

export function orderOf(body: Body): PlaceOrder {
  if (body.$case !== 'place') throw new Error('not a single order');
  return body.value;
}
