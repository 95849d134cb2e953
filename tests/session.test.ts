/**
 * A trading session between the real machines of both sides, over a lane that is cut: what the order manager is
 * promised (T1 to T4 of trading-session.ts) and what the venue sees (one POST an order).
 */
import { afterEach, expect, test } from 'bun:test';
import { ConnectorCore, LANE_DEFAULTS } from '../apps/connector/src/core.ts';
import { openTradingSession } from '../apps/engine/src/exchange/session-driver.ts';
import type { SessionEnded, SessionHandler, TradingSession } from '../apps/engine/src/exchange/trading-session.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { OrderType, PlaceOrder, Side, TimeInForce } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { GoodbyeReason } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { clientOrderIdMint, literal, parseOrderTag } from '../proto/src/ids.ts';
import { seededRng } from '../proto/src/rng.ts';
import { VirtualClock } from '../proto/src/virtual-clock.ts';
import { type Cuttable, cuttable } from './support/cuttable.ts';
import { PRICE, type ScriptedVenue, SYMBOL, scriptedVenue } from './support/scripted-venue.ts';

const TAG = literal(parseOrderTag, 'bin');
const CALLER = { role: 'engine', name: 'main' } as const;

class Rig {
  readonly clock = new VirtualClock();
  readonly posts = new Map<string, number>();
  readonly cores: ConnectorCore[] = [];
  readonly sessions: TradingSession[] = [];
  lane: Cuttable | undefined;
  venue: ScriptedVenue | undefined;

  async boot(): Promise<ConnectorCore> {
    const venue = scriptedVenue(() => this.clock.wallUs());
    const place = venue.place;
    const counted: ScriptedVenue = {
      ...venue,
      place: (order, admit) =>
        place(order, () => {
          const denied = admit();
          if (!denied) this.posts.set(order.clientOrderId, (this.posts.get(order.clientOrderId) ?? 0) + 1);
          return denied;
        }),
    };
    const core = new ConnectorCore({
      venue: Object.defineProperties(counted, {
        status: { get: () => venue.status },
        instruments: { get: () => venue.instruments },
      }),
      clock: this.clock,
      rng: seededRng(`boot ${this.cores.length}`),
      log: silentLogger(),
      config: {
        ...LANE_DEFAULTS,
        account: 'main',
        tag: TAG,
        symbols: [SYMBOL],
        region: 'local',
        commit: '',
        grants: { 'engine/main': 'trade' },
        guard: {},
      },
    });
    await core.start();
    this.cores.push(core);
    this.venue = venue;
    if (this.lane) this.lane.connect(core);
    else this.lane = cuttable(core);
    return core;
  }

  engine(options: { epoch: number; engineId?: string }): Engine {
    if (!this.lane) throw new Error('boot a connector first');
    return new Engine(this, this.lane, options);
  }

  async close(): Promise<void> {
    const closing = this.sessions.map((session) => session.close(GoodbyeReason.DONE));
    await this.clock.advanceAsync(5_000);
    await Promise.all(closing);
    for (const core of this.cores) await core.close();
  }
}

/** The least that an order manager does: counts, and acknowledges when told to. */
class Engine {
  readonly session: TradingSession;
  readonly ends = new Map<string, number>();
  readonly seen: string[] = [];
  readonly mint: () => string;
  ended: SessionEnded | undefined;
  established = 0;
  resumed: boolean[] = [];
  unacked: [number, string][] = [];
  acking = true;
  #boot = '';
  readonly #rig: Rig;
  readonly #epoch: number;

  constructor(rig: Rig, lane: Cuttable, { epoch, engineId = 'e1' }: { epoch: number; engineId?: string }) {
    this.#rig = rig;
    this.#epoch = epoch;
    this.mint = clientOrderIdMint({ tag: TAG, epoch, rng: seededRng(`${engineId} ${epoch}`) });
    let attempts = 0;
    this.session = openTradingSession({
      exchange: lane.exchange,
      caller: CALLER,
      engineId,
      epoch,
      lastSeen: undefined,
      nextAttempt: () => ++attempts,
      eventWindow: 256,
      clock: rig.clock,
      rng: seededRng('jitter'),
      log: silentLogger(),
      handler: this.#handler(),
    });
    rig.sessions.push(this.session);
  }

  place(price: string): string {
    const clientOrderId = this.mint();
    const order = PlaceOrder.fromPartial({
      clientOrderId,
      symbol: SYMBOL,
      side: Side.BUY,
      type: OrderType.LIMIT,
      timeInForce: TimeInForce.GTC,
      price,
      quantity: '1',
    });
    const sent = this.session.send({ $case: 'place', value: order }, this.#rig.clock.wallUs() + 2_000_000);
    if (sent.kind === 'sent') this.ends.set(`${this.#boot}/${sent.commandSeq}`, 0);
    return sent.kind === 'sent' ? clientOrderId : '';
  }

  ackAll(): void {
    for (const [seq, boot] of this.unacked) this.session.ack(seq, boot);
    this.unacked = [];
  }

  #end(seqs: readonly number[]): void {
    for (const seq of seqs) {
      const key = `${this.#boot}/${seq}`;
      this.ends.set(key, (this.ends.get(key) ?? 0) + 1);
    }
  }

  #handler(): SessionHandler {
    return {
      established: ({ bootId, resumed }) => {
        this.#boot = bootId;
        this.established++;
        this.resumed.push(resumed);
      },
      event: (event) => {
        this.seen.push(`${this.#boot}/${event.seq}`);
        if (event.event?.$case === 'result' && event.event.value.epoch === this.#epoch) {
          this.#end([event.event.value.commandSeq]);
        }
      },
      batchEnd: (seq, boot) => {
        this.unacked.push([seq, boot]);
        if (this.acking) this.ackAll();
      },
      notDelivered: (seqs) => this.#end(seqs),
      orphaned: (seqs) => this.#end(seqs),
      lost: () => {},
      ended: (how) => {
        this.ended = how;
      },
      quality: () => {},
    };
  }
}

let rig = new Rig();
afterEach(async () => {
  await rig.close();
  rig = new Rig();
});

async function connected(epoch = 1): Promise<Engine> {
  await rig.boot();
  const engine = rig.engine({ epoch });
  await rig.clock.advanceAsync(10);
  expect(engine.session.connected).toBe(true);
  return engine;
}

test('a cut stream is resumed: no event is lost, none comes twice', async () => {
  const engine = await connected();
  engine.acking = false;
  engine.place(PRICE.fills);
  await rig.clock.advanceAsync(10);
  const before = engine.seen.length;
  rig.lane?.cut();
  engine.place(PRICE.rests);
  await rig.clock.advanceAsync(3_000);
  engine.ackAll();
  engine.place(PRICE.rests);
  await rig.clock.advanceAsync(10);
  expect(engine.resumed).toEqual([false, true]);
  expect(engine.seen.length).toBeGreaterThan(before);
  expect(new Set(engine.seen).size).toBe(engine.seen.length);
});

test('a command that never arrived is said to be so, and was never posted', async () => {
  const engine = await connected();
  rig.lane?.deafen();
  const id = engine.place(PRICE.rests);
  await rig.clock.advanceAsync(10);
  rig.lane?.cut();
  await rig.clock.advanceAsync(3_000);
  expect([...engine.ends.values()]).toEqual([1]);
  expect(rig.posts.has(id)).toBe(false);
});

test('a new boot of the connector is a new count of events, and is not resumed', async () => {
  const engine = await connected();
  engine.place(PRICE.rests);
  await rig.clock.advanceAsync(10);
  await rig.boot();
  rig.lane?.cut();
  await rig.clock.advanceAsync(3_000);
  expect(engine.resumed).toEqual([false, false]);
  expect(engine.session.connected).toBe(true);
});

test('a higher epoch fences the older session, which ends for good', async () => {
  const old = await connected(1);
  const lane = rig.lane;
  const taker = rig.engine({ epoch: 2, engineId: 'e2' });
  await rig.clock.advanceAsync(6_000);
  expect(lane).toBeDefined();
  expect(taker.session.connected).toBe(true);
  expect(old.ended?.kind).toBe('fenced');
  expect(old.place(PRICE.rests)).toBe('');
});

test('an equal epoch of another engine, and a lower one, are refused', async () => {
  const owner = await connected(2);
  const twin = rig.engine({ epoch: 2, engineId: 'e2' });
  const stale = rig.engine({ epoch: 1, engineId: 'e3' });
  await rig.clock.advanceAsync(6_000);
  expect([twin.ended?.kind, stale.ended?.kind]).toEqual(['fenced', 'fenced']);
  expect(owner.session.connected).toBe(true);
});

test('without acknowledgements the connector stops at the window, and goes on when they come', async () => {
  const engine = await connected();
  engine.acking = false;
  for (let round = 0; round < 40; round++) {
    for (let n = 0; n < 10; n++) engine.place(PRICE.rests);
    await rig.clock.advanceAsync(10);
  }
  expect(engine.seen.length).toBeLessThanOrEqual(256);
  engine.acking = true;
  for (let round = 0; round < 20; round++) {
    engine.ackAll();
    await rig.clock.advanceAsync(10);
  }
  expect([...engine.ends.values()].every((count) => count === 1)).toBe(true);
});

test('under random cuts, deaf spells and new boots every command ends once and no order is posted twice', async () => {
  const seeds = process.env.SEED === undefined ? [1, 2, 3, 4, 5, 6] : [Number(process.env.SEED)];
  for (const seed of seeds) {
    const rng = seededRng(seed);
    const engine = await connected();
    const prices = Object.values(PRICE);
    for (let step = 0; step < 300; step++) {
      const dice = rng.next();
      if (dice < 0.7) engine.place(prices[rng.integer(prices.length)] ?? PRICE.rests);
      else if (dice < 0.76) rig.lane?.cut();
      else if (dice < 0.8) rig.lane?.deafen();
      else if (dice < 0.81) {
        await rig.boot();
        rig.lane?.cut();
      } else engine.acking = rng.next() < 0.7;
      await rig.clock.advanceAsync(rng.integer(4) === 0 ? rng.integer(1_500) : rng.integer(3));
    }
    engine.acking = true;
    engine.ackAll();
    rig.lane?.cut();
    await rig.clock.advanceAsync(60_000);
    const wrong = [...engine.ends].filter(([, count]) => count !== 1);
    expect(wrong, `seed ${seed}: commands without exactly one end`).toEqual([]);
    expect(new Set(engine.seen).size, `seed ${seed}: events seen twice`).toBe(engine.seen.length);
    const doubled = [...rig.posts].filter(([, count]) => count > 1);
    expect(doubled, `seed ${seed}: posted twice`).toEqual([]);
    expect(rig.posts.size, `seed ${seed}: nothing was tried`).toBeGreaterThan(20);
    await rig.close();
    rig = new Rig();
  }
});
