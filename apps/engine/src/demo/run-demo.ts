/**
 * The demonstration: sim, engine and connectors as processes of their own, over mutual TLS, until it is told to stop.
 *
 * N1  It starts the sim first, then whoever listens before whoever dials, each on a port of the system's choice.
 * N2  It stops in the order in which nothing is lost: the engine cancels, says Goodbye and closes its journal; then the
 *     ground truth is read; then connectors and sim end.
 * N3  The end of the engine or of the sim ends the run with exit code 1; the state folder stays as it is, and a later
 *     run on it goes on from there. A connector that ends is started again.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '@trunkline/kit/operating-error';
import { parseHostPort } from '@trunkline/kit/values';
import { type Clock, sleep } from '@trunkline/proto/clock';
import { z } from 'zod';
import { adminSocketPath, fetchStatus } from '../http/admin-client.ts';
import { journalPath, openJournalToRead } from '../journal/journal-file.ts';
import { verifyJournal } from '../journal/verify.ts';
import { type EngineStatus, engineStatusSchema } from '../orchestrator/engine-status.ts';
import { compareLedgers } from './agreement.ts';
import {
  type ConnectorName,
  connectorConfig,
  DEPOSITS,
  ENGINE_NAME,
  engineConfig,
  type LinkKind,
  MAKER_FEE,
  type MarketName,
  SIM_VENUES,
} from './demo-plan.ts';
import { type DemoState, prepareState } from './demo-state.ts';
import { Fleet } from './fleet.ts';
import { journalLedger } from './journal-ledger.ts';
import type { LiveView } from './live-view.ts';
import { programSpec } from './processes.ts';
import { readSimTruth } from './sim-truth.ts';
import { type Summary, summarize } from './summary.ts';
import { contractSymbol } from './venue-symbol.ts';

const STATUS_INTERVAL_MS = 1_000;
/** The engine's own drain, and a little for it to leave. */
const ENGINE_GRACE_MS = 60_000;
const CHILD_GRACE_MS = 25_000;

export interface DemoOptions {
  /** How long it trades, from when everything serves; until the signal without it. */
  readonly forMs: number | undefined;
  readonly replay: { readonly file: string; readonly speed: number } | undefined;
  readonly seed: number;
  readonly stateFolder: string | undefined;
  readonly link: LinkKind;
  readonly connectors: readonly ConnectorName[];
  readonly market: MarketName;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop: AbortSignal;
  readonly view: LiveView | undefined;
  /** Words for a person, one line. */
  readonly say: (line: string) => void;
  readonly onLog: (name: string, line: string) => void;
}

export interface DemoResult {
  readonly summary: Summary;
  readonly differences: readonly string[];
}

const simReady = z.object({
  control: z.string(),
  venues: z.record(z.string(), z.string()),
  symbols: z.array(z.string()),
});
const engineReady = z.object({ gatewayPort: z.int().nullable() });
const connectorReady = z.object({ port: z.int().nullable() });
const finalLine = z.object({ final: engineStatusSchema });

export async function runDemo(options: DemoOptions): Promise<DemoResult | OperatingError> {
  const { clock, env, stop } = options;
  const folder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'trunkline-'));
  const state = await prepareState(folder, clock);
  options.say(`state folder ${state.folder}`);
  const broken = new AbortController();
  const fleet = new Fleet({
    clock,
    env,
    onLog: options.onLog,
    onEnded: (name, how) => broken.abort(`${name} ${how}`),
  });
  try {
    const sim = await startSim(fleet, state, options);
    await startLine(fleet, state, options, sim);
    const startedUs = clock.monotonicUs();
    options.say('trading; Ctrl-C stops');
    await trade(state, options, AbortSignal.any([stop, broken.signal]));
    if (broken.signal.aborted) {
      return new OperatingError(`${broken.signal.reason}; the state is kept in ${state.folder}`);
    }
    const seconds = (clock.monotonicUs() - startedUs) / 1_000_000;
    return await finish(fleet, state, options, { control: sim.control, seconds });
  } finally {
    // A connector that leaves still asks the venue for orders of ours: the sim goes last.
    for (const name of ['engine', ...options.connectors, 'sim']) await fleet.stop(name, CHILD_GRACE_MS);
  }
}

interface SimAddress {
  readonly control: string;
  readonly venues: Readonly<Record<string, string>>;
  readonly symbols: readonly string[];
}

async function startSim(fleet: Fleet, state: DemoState, options: DemoOptions): Promise<SimAddress> {
  const { replay, market, connectors } = options;
  const balances = DEPOSITS[market];
  const accounts = connectors.map((name) => ({ name, apiKey: state.apiKey(name), balances }));
  const args = [
    'run',
    ...['--venues', connectors.map((name) => SIM_VENUES[market][name]).join(',')],
    ...['--state', state.simFolder],
    ...['--accounts', state.writeSimAccounts(accounts)],
    ...['--seed', String(options.seed)],
    ...['--maker-fee', MAKER_FEE],
    ...(replay ? ['--replay', replay.file, '--speed', String(replay.speed)] : ['--symbols', 'BTCUSDT']),
  ];
  const line = await fleet.start(
    programSpec({ program: 'sim', name: 'sim', args, restarting: false, logFile: state.logFile('sim') }),
  );
  const { control, venues, symbols } = simReady.parse(line);
  return { control, venues, symbols: symbols.map((symbol) => contractSymbol(symbol, market)) };
}

/** Engine and connectors, whoever listens first. */
async function startLine(fleet: Fleet, state: DemoState, options: DemoOptions, sim: SimAddress): Promise<void> {
  const { link } = options;
  const startEngine = async (ports: ReadonlyMap<ConnectorName, number>) => {
    const tls = await state.certificate('engine', ENGINE_NAME);
    const connectors = options.connectors.map((name) => ({
      name,
      symbols: sim.symbols,
      address: link === 'listen' ? parseHostPort(`127.0.0.1:${ports.get(name)}`) : undefined,
    }));
    const config = state.writeConfig(
      'engine',
      engineConfig({ tls, stateFolder: state.journalFolder, link, market: options.market, connectors }),
    );
    const args = ['run', '--config', config];
    const line = await fleet.start(
      programSpec({ program: 'engine', name: 'engine', args, restarting: false, logFile: state.logFile('engine') }),
    );
    return engineReady.parse(line).gatewayPort;
  };
  const startConnector = async (name: ConnectorName, port: number): Promise<number | null> => {
    const tls = await state.certificate('connector', name);
    const { market } = options;
    const plan = { name, market, symbols: sim.symbols, apiKey: state.apiKey(name), tls };
    const venueUrl = sim.venues[SIM_VENUES[market][name]] ?? '';
    const write = (at: number) =>
      state.writeConfig(
        `connector-${name}`,
        connectorConfig({ ...plan, venueUrl, link: { kind: link, address: { host: '127.0.0.1', port: at } } }),
      );
    const args = ['run', '--config', write(port)];
    const line = await fleet.start(
      programSpec({ program: 'connector', name, args, restarting: true, logFile: state.logFile(name) }),
    );
    const bound = connectorReady.parse(line).port;
    // Started again, it must listen where the engine looks for it.
    if (bound !== null) write(bound);
    return bound;
  };
  if (link === 'dial') {
    const gatewayPort = await startEngine(new Map());
    if (gatewayPort === null) throw new OperatingError('the engine has no gateway');
    await Promise.all(options.connectors.map((name) => startConnector(name, gatewayPort)));
    return;
  }
  const ports = new Map<ConnectorName, number>();
  for (const name of options.connectors) ports.set(name, (await startConnector(name, 0)) ?? 0);
  await startEngine(ports);
}

/** Shows the status until the time is over or somebody says stop. */
async function trade(state: DemoState, options: DemoOptions, stop: AbortSignal): Promise<void> {
  const { clock, forMs, view } = options;
  const socket = adminSocketPath(state.journalFolder);
  const timeIsUp = new AbortController();
  const timer = forMs === undefined ? undefined : clock.schedule(forMs, () => timeIsUp.abort());
  const over = AbortSignal.any([stop, timeIsUp.signal]);
  while (!over.aborted) {
    await sleep(clock, STATUS_INTERVAL_MS, over);
    if (over.aborted || !view) continue;
    try {
      view.update(await fetchStatus(socket));
    } catch {
      // An engine that does not answer shows in its exit or in the next round; a status is only looks.
    }
  }
  timer?.cancel();
}

async function finish(
  fleet: Fleet,
  state: DemoState,
  options: DemoOptions,
  run: { readonly control: string; readonly seconds: number },
): Promise<DemoResult | OperatingError> {
  const processes = new Map<string, { boots: number; rssBytes: number | null }>();
  for (const name of options.connectors) {
    processes.set(name, { boots: fleet.boots(name), rssBytes: await fleet.rssBytes(name) });
  }
  options.say('stopping: cancelling our orders');
  const stopped = await fleet.stop('engine', ENGINE_GRACE_MS);
  const status = finalStatus(stopped.lines);
  if (!status) return new OperatingError(`the engine left no final status; the state is kept in ${state.folder}`);
  const { market } = options;
  const accounts = options.connectors.map((account) => ({ account, venue: SIM_VENUES[market][account] }));
  const venue = await readSimTruth({ control: run.control, accounts, market });
  const path = journalPath(state.journalFolder);
  const store = openJournalToRead(path);
  if (store instanceof OperatingError) return store;
  try {
    const { agreement, differences } = compareLedgers(
      { ...journalLedger(store.listOrders({}), store.listFills({})), balances: [], positions: [] },
      venue,
    );
    const verdict = verifyJournal(store);
    const head = store.head(null);
    const journal = { path, events: head.seq, head: head.hash, verified: verdict.kind === 'verified' };
    const summary = summarize({
      seconds: Math.round(run.seconds * 1_000) / 1_000,
      accounts: status.accounts,
      processes,
      venue,
      agreement,
      journal,
    });
    return { summary, differences: verdict.kind === 'broken' ? [verdict.what, ...differences] : differences };
  } finally {
    store.close(null);
  }
}

function finalStatus(lines: readonly unknown[]): EngineStatus | undefined {
  for (const line of lines) {
    const parsed = finalLine.safeParse(line);
    if (parsed.success) return parsed.data.final;
  }
  return undefined;
}
