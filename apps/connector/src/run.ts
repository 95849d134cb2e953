/**
 * The life of a connector process: serve, start the venue, say that it is ready, drain, leave.
 *
 * R1  The link is up before the venue is started: an engine that is already waiting sees CONNECTING, not nothing.
 * R2  The ready line comes once, when the venue has started or has taken longer than `START_WAIT_MS` (the venue goes on
 *     trying by itself). A venue that refuses the account ends the process, before that line or after it.
 * R3  A stop drains first, within `DRAIN_BUDGET_MS`; whatever the drain does, the process then ends.
 */
import type { Logger } from '@trunkline/kit/log';
import { ConfigError, EXIT_FAILED, EXIT_OK, type OperatingError } from '@trunkline/kit/operating-error';
import { ORPHAN_GRACE_MS, PARENT_GONE } from '@trunkline/kit/process';
import { aborted } from '@trunkline/proto/aborted';
import { type Clock, sleep } from '@trunkline/proto/clock';
import type { Exchange } from '@trunkline/proto/exchange';
import { serveDial } from '@trunkline/proto/link/dial';
import type { Identity } from '@trunkline/proto/link/identity';
import { serveListen } from '@trunkline/proto/link/listen';
import type { TlsSource } from '@trunkline/proto/link/tls-source';
import type { Rng } from '@trunkline/proto/rng';
import { type ConnectorConfig, grantsOf } from './config.ts';
import { grantOf } from './grants.ts';
import { connectorServer } from './server.ts';
import { HealthState } from './server-health.ts';
import type { StartRefusal } from './venues/venue.ts';

/** Long enough for a venue that answers at once, short against a supervisor's patience. */
export const START_WAIT_MS = 10_000;
/** From the signal to the exit, whatever happens: supervisors kill soon after (systemd: 90 s, Kubernetes: 30 s). */
export const DRAIN_BUDGET_MS = 20_000;
/** Of the budget, for the last messages to leave and the connections to close. */
const CLOSE_BUDGET_MS = 1_000;
/** How often the venue's readiness is looked at, for health checks. */
const HEALTH_INTERVAL_MS = 250;

/** What runs behind the wire: a `ConnectorCore`. */
export interface RunningCore extends Exchange {
  readonly methods: readonly string[];
  readonly bootId: string;
  /** The venue is connected and the account known. */
  readonly ready: boolean;
  /** Connects the venue; resolves when it is up, or with why it never will be. */
  start(): Promise<StartRefusal | undefined>;
  /** Tells the engine, finishes what is in flight, says Goodbye. */
  drain(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface ReadyLine {
  readonly ready: true;
  readonly name: string;
  readonly bootId: string;
  readonly link: 'listen' | 'dial';
  /** The port it listens on; null with a dial link. */
  readonly port: number | null;
}

export interface RunOptions {
  readonly config: ConnectorConfig;
  readonly core: RunningCore;
  readonly tls: TlsSource;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** Aborts when the process should leave; its reason says why. */
  readonly stop: AbortSignal;
  announce(line: ReadyLine): void;
}

/** Runs to the end: the exit code, or why it could not run. */
export async function runConnector(options: RunOptions): Promise<number | OperatingError> {
  const { config, core, clock, log, stop } = options;
  const health = new HealthState();
  const server = connectorServer({ exchange: core, methods: core.methods, health, log });
  const link = await openLink(options, server);
  if (link instanceof ConfigError) return link;
  let healthCheck = clock.schedule(0, function look() {
    health.set(core.ready);
    healthCheck = clock.schedule(HEALTH_INTERVAL_MS, look);
  });

  const result = await serve(options, link.port);
  healthCheck.cancel();
  health.set(false);
  await within(clock, CLOSE_BUDGET_MS, core.close());
  await within(clock, CLOSE_BUDGET_MS, link.close());
  server.forceShutdown();
  log.info({ name: config.name, reason: String(stop.reason) }, 'left');
  return result;
}

/** Until the stop and the drain, or until the venue refuses. */
async function serve(options: RunOptions, port: number | null): Promise<number | OperatingError> {
  const { config, core, clock, log, stop } = options;
  const stopped = aborted(stop);
  const started = core.start();
  // Only a refusal decides anything; a venue that has started goes on.
  const refused = started.then((refusal) => refusal ?? new Promise<never>(() => {}));
  const early = await Promise.race([started, stopped, sleep(clock, START_WAIT_MS, stop)]);
  if (early !== undefined) return refusalInWords(early);
  if (!stop.aborted) {
    options.announce({ ready: true, name: config.name, bootId: core.bootId, link: config.link.mode, port });
  }
  const late = await Promise.race([refused, stopped]);
  if (late !== undefined) return refusalInWords(late);
  log.info({ reason: String(stop.reason) }, 'draining');
  const budgetMs = (stop.reason === PARENT_GONE ? ORPHAN_GRACE_MS : DRAIN_BUDGET_MS) - 2 * CLOSE_BUDGET_MS;
  const isDrained = await within(clock, budgetMs, core.drain(budgetMs));
  if (!isDrained) log.error({ budgetMs }, 'the drain did not end in time');
  return isDrained ? EXIT_OK : EXIT_FAILED;
}

interface OpenLink {
  readonly port: number | null;
  close(): Promise<void>;
}

async function openLink(
  { config, tls, clock, rng, log }: RunOptions,
  server: Parameters<typeof serveDial>[0]['server'],
): Promise<OpenLink | ConfigError> {
  const { mode, address, engine } = config.link;
  const shared = { server, tls, clock, log };
  if (mode === 'dial') {
    if (engine === undefined) throw new Error('a dial link without an engine: the config is checked for it');
    const dialing = serveDial({ ...shared, address, engine, rng });
    return { port: null, close: async () => dialing.close() };
  }
  const grants = grantsOf(config);
  const authorize = (identity: Identity) => grantOf(grants, identity) !== undefined;
  const bound = await serveListen({ ...shared, ...address, authorize });
  if (!bound.ok) return new ConfigError(`connector.link.address: ${bound.message}`);
  return { port: bound.listening.port, close: () => bound.listening.close() };
}

function refusalInWords({ code, message }: StartRefusal): ConfigError {
  return new ConfigError(`the venue refuses the account (${code}): ${message}`);
}

/** Whether `work` ended within `limitMs`. */
async function within(clock: Clock, limitMs: number, work: Promise<void>): Promise<boolean> {
  const done = new AbortController();
  const ended = work.then(() => true);
  const late = sleep(clock, limitMs, done.signal).then(() => false);
  const result = await Promise.race([ended, late]);
  done.abort();
  return result;
}
