/**
 * The conformance suite against services that each break one promise: the card that guards it fails, its bystanders
 * pass. First against the honest service, on which none of these cards may fail.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { chooseCards } from '../apps/conformance/src/cards/choose.ts';
import { prepare } from '../apps/conformance/src/conformance.ts';
import type { CardResult } from '../apps/conformance/src/run.ts';
import { openReach, type Reach } from '../apps/conformance/src/wire/reach.ts';
import { ConnectorCore, LANE_DEFAULTS } from '../apps/connector/src/core.ts';
import { connectorServer } from '../apps/connector/src/server.ts';
import { HealthState } from '../apps/connector/src/server-health.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { OperatingError } from '../packages/kit/src/operating-error.ts';
import { decimal } from '../proto/src/decimal.ts';
import type { Exchange } from '../proto/src/exchange.ts';
import { literal, parseOrderTag } from '../proto/src/ids.ts';
import { serveListen } from '../proto/src/link/listen.ts';
import { clock, connector, material, source } from '../proto/src/link/testing/rig.ts';
import { systemRng } from '../proto/src/rng.ts';
import { BROKEN } from './support/sabotages.ts';
import type { Sabotage } from './support/saboteur.ts';
import { FRONTS, type VenueOnSim, venueOnSim } from './support/venue-rig.ts';

const FRONT = 'gate-usdt-futures';
/** Nothing here takes long but what never comes. */
const WAIT_MS = 2_500;
/** Cards that each broken service passes all the same. */
const BYSTANDERS = ['CON-01', 'SES-01', 'CXL-04'];

let rig: VenueOnSim;
let core: ConnectorCore;
let reach: Reach;
let served: Partial<Exchange> = {};
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  rig = await venueOnSim({ front: FRONT, sim: { venues: [FRONT] } });
  core = new ConnectorCore({
    venue: rig.venue,
    clock,
    rng: systemRng(),
    log: silentLogger(),
    config: {
      ...{ ...LANE_DEFAULTS, graceMs: 2_000, account: 'main', tag: literal(parseOrderTag, 'cf'), region: 'local' },
      ...{ symbols: [FRONTS[FRONT].symbol], commit: '', guard: {} },
      grants: { 'engine/main': 'trade', 'engine/observer': 'observe', 'tool/tool': 'tool' },
    },
  });
  expect(await core.start()).toBeUndefined();
  // Whatever the service of the moment does not break is the core's.
  const exchange = new Proxy<Exchange>(core, {
    get: (honest, name) => Reflect.get(served, name) ?? Reflect.get(honest, name, honest),
  });
  const health = new HealthState();
  health.set(true);
  const server = connectorServer({ exchange: lateBound(exchange), methods: core.methods, health, log: silentLogger() });
  const tls = source(material(connector));
  const bound = await serveListen({
    ...{ server, host: '127.0.0.1', port: 0, tls, clock, log: silentLogger() },
    authorize: ({ name }) => name !== 'stranger',
  });
  if (!bound.ok) throw new Error(bound.message);
  const certificates = {
    main: material({ role: 'engine', name: 'main' }),
    observer: material({ role: 'engine', name: 'observer' }),
    tool: material({ role: 'tool', name: 'tool' }),
  };
  const address = { host: '127.0.0.1', port: bound.listening.port };
  const opened = await openReach({
    ...{ mode: 'listen', address, connector: connector.name, certificates, clock, rng: systemRng() },
    log: silentLogger(),
  });
  if (!opened.ok) throw new Error(opened.reason);
  ({ reach } = opened);
  closing.push(
    () => reach.close(),
    () => core.close(),
    () => bound.listening.close(),
    async () => server.forceShutdown(),
    () => rig.close(),
  );
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
});

/** Every call looks up its method anew, so that the service can change under a server that stands. */
function lateBound(exchange: Exchange): Exchange {
  return new Proxy(exchange, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => Reflect.apply(Object(Reflect.get(target, name)), target, args);
    },
  });
}

async function run(cards: readonly string[], sabotage?: Sabotage): Promise<readonly CardResult[]> {
  served = sabotage?.(core) ?? {};
  const chosen = chooseCards(cards);
  if (chosen instanceof OperatingError) throw chosen;
  const prepared = await prepare({
    ...{ reach, clock, rng: systemRng(), symbol: undefined, firstEpoch: undefined },
    ...{ sim: undefined, mayStopPid: undefined, maxNotional: decimal('20000'), waitMs: WAIT_MS },
  });
  if (prepared instanceof OperatingError) throw prepared;
  return await prepared.run(chosen, () => {});
}

const failed = (results: readonly CardResult[]) =>
  results.flatMap((each) =>
    each.outcome === 'failed' ? [`${each.id}: expected ${each.expected}; saw ${each.seen}`] : [],
  );
const ids = (results: readonly CardResult[], outcome: CardResult['outcome']) =>
  results.flatMap((each) => (each.outcome === outcome ? [each.id] : []));

test('an honest service passes every one of these cards', async () => {
  const results = await run([...BYSTANDERS, ...BROKEN.map(({ card }) => card)]);
  expect(failed(results)).toEqual([]);
  expect(ids(results, 'skipped')).toEqual([]);
}, 120_000);

test.each(BROKEN.map((broken) => [broken.what, broken] as const))(
  'a service that %s fails its card and no other',
  async (_what, { card, sabotage }) => {
    const results = await run([card, ...BYSTANDERS], sabotage);
    expect(ids(results, 'failed')).toEqual([card]);
    expect(ids(results, 'passed').sort()).toEqual([...BYSTANDERS].sort());
  },
  60_000,
);
