#!/usr/bin/env bun
/**
 * `sim run`: serves the emulated venues until it is told to stop (SIGTERM, SIGINT, or the end of its parent).
 *
 * M1  Standard output carries one line, the addresses as JSON, once everything is served; logs go to standard error.
 * M2  A flag wins over the environment, the environment over the file. Bad input is one line and exit code 2.
 */
import {
  command,
  commandGroup,
  decimalNumber,
  factor,
  list,
  type OptionValues,
  type Outcome,
  runCli,
  text,
  whole,
} from '@trunkline/kit/cli';
import { createLogger, type Logger } from '@trunkline/kit/log';
import { ConfigError } from '@trunkline/kit/operating-error';
import { exitWithParent, PARENT_GONE, shutdownSignal } from '@trunkline/kit/process';
import { shown } from '@trunkline/kit/text';
import { systemClock } from '@trunkline/proto/clock';
import { version } from '../package.json' with { type: 'json' };
import { DEFAULT_ACCOUNT, loadAccounts, loadSimSection, type SimSection, simSection } from './config.ts';
import { DEFAULT_PASSPHRASE, type Sim, startSim } from './sim.ts';
import { PAIRS, VENUES } from './venues/registry.ts';

const options = {
  config: text('the configuration file; its [sim] section counts (default: trunkline.toml where it exists)', 'FILE'),
  venues: list(`venues to serve: ${VENUES.join(', ')}`),
  host: text('the address to listen on (default 127.0.0.1)', 'HOST'),
  port: whole('the port of the first venue, the others take those after it; 0 takes free ones', { max: 65_535 }),
  'control-port': whole('the port of the control API; 0 takes a free one', { max: 65_535 }),
  seed: whole('decides the synthetic market'),
  symbols: list(`symbols of the synthetic markets: ${PAIRS.join(', ')}`),
  replay: text('a recorded feed that is the market of its venue instead', 'FILE'),
  speed: factor('how fast the recording runs; 1 is its own pace', { min: 0.01, max: 1_000 }),
  state: text('a folder in which truth, orders and balances survive a restart', 'DIR'),
  accounts: text('the accounts, as TOML ([[accounts]]) or JSON', 'FILE'),
  'flow-rate': factor('synthetic actions a second and symbol', { min: 0.1, max: 10_000 }),
  'maker-fee': decimalNumber('what makers pay, as a fraction of notional (default: the usual rate of the venue)'),
  'taker-fee': decimalNumber('what takers pay, as a fraction of notional (default: the usual rate of the venue)'),
};

const DEFAULT_BALANCES = Object.entries(DEFAULT_ACCOUNT.balances)
  .map(([asset, amount]) => `${amount} ${asset}`)
  .join(', ');

type Given = OptionValues<typeof options>;

function createRun(log: Logger) {
  return command({
    name: 'run',
    summary: 'Serve the emulated venues.',
    details:
      `Without --accounts one account is served: ${DEFAULT_ACCOUNT.name}, key ${DEFAULT_ACCOUNT.apiKey}, ` +
      `secret ${DEFAULT_ACCOUNT.apiSecret}, passphrase ${DEFAULT_PASSPHRASE}, ${DEFAULT_BALANCES} on each venue that ` +
      'trades in them.',
    options,
    args: {},
    examples: ['sim run --symbols BTCUSDT --seed 7', 'sim run --replay feed.jsonl.gz --speed 5'],
    run: ({ options: given }) => run(given, log),
  });
}

async function run(given: Given, log: Logger): Promise<Outcome> {
  const section = loadSimSection(given.config, process.env);
  if (section instanceof ConfigError) return section;
  const settings = withFlags(section, given);
  if (settings instanceof ConfigError) return settings;
  const accounts = settings.accounts === undefined ? [DEFAULT_ACCOUNT] : loadAccounts(settings.accounts);
  if (accounts instanceof ConfigError) return accounts;

  const stopped = stopRequested();
  const sim = await startSim({
    clock: systemClock(),
    log,
    seed: settings.seed,
    accounts,
    venues: settings.venues,
    symbols: settings.symbols,
    host: settings.host,
    port: settings.port,
    controlPort: settings.control_port,
    ...(settings.replay === undefined ? {} : { replay: { path: settings.replay, speed: settings.speed } }),
    ...(settings.state === undefined ? {} : { stateDir: settings.state }),
    ...(settings.flow_rate === undefined ? {} : { actionsPerSecond: settings.flow_rate }),
    fees: {
      ...(settings.maker_fee === undefined ? {} : { maker: settings.maker_fee }),
      ...(settings.taker_fee === undefined ? {} : { taker: settings.taker_fee }),
    },
  });
  announce(sim, log);
  const reason = await stopped;
  log.info({ reason }, 'stopping');
  await sim.close();
  return 0;
}

function announce(sim: Sim, log: Logger): void {
  for (const { name: venue, core } of sim.venues) {
    core.subscribe((event) => {
      if (event.kind === 'market_ended') log.info({ venue, symbol: event.symbol, end: event.end }, 'market ended');
    });
  }
  const { control, venues } = sim.urls;
  process.stdout.write(`${JSON.stringify({ ready: true, control, venues, symbols: sim.symbols })}\n`);
  log.info({ control, venues, symbols: sim.symbols }, 'serving');
}

/** Flags are checked by the same schema as the file, so that both allow the same. */
function withFlags(section: SimSection, given: Given): SimSection | ConfigError {
  const flags = {
    venues: given.venues.length > 0 ? given.venues : undefined,
    host: given.host,
    port: given.port,
    control_port: given['control-port'],
    seed: given.seed,
    symbols: given.symbols.length > 0 ? given.symbols : undefined,
    replay: given.replay,
    speed: given.speed,
    state: given.state,
    accounts: given.accounts,
    flow_rate: given['flow-rate'],
    maker_fee: given['maker-fee'],
    taker_fee: given['taker-fee'],
  };
  const named = Object.entries(flags).filter(([, value]) => value !== undefined);
  const result = simSection.safeParse({ ...section, ...Object.fromEntries(named) }, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = String(issue?.path[0] ?? '').replaceAll('_', '-');
  const choices: Readonly<Record<string, readonly string[]>> = { symbols: PAIRS, venues: VENUES };
  const must = choices[key] ? `must be one of: ${choices[key].join(', ')}` : issue?.message;
  return new ConfigError(`--${key}: ${shown(issue?.input)} is not allowed; it ${must}`);
}

/** Resolves with why to stop. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    const signal = shutdownSignal();
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true });
    exitWithParent(process.env, () => resolve(PARENT_GONE));
  });
}

const log = createLogger({ name: 'sim', level: 'info', destination: 'stderr' });
process.exitCode = await runCli({
  root: commandGroup({
    name: 'sim',
    summary: 'A venue emulator that speaks real venue protocols.',
    commands: [createRun(log)],
  }),
  version,
  words: process.argv.slice(2),
  stdout: (words) => process.stdout.write(words),
  stderr: (words) => process.stderr.write(words),
  log,
});
