/** `engine demo`: what `bun run start` runs. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import {
  type Command,
  choice,
  command,
  duration,
  factor,
  flag,
  list,
  text,
  whole,
  withDefault,
} from '@trunkline/kit/cli';
import { ConfigError, EXIT_FAILED, EXIT_OK, fromSystemError, OperatingError } from '@trunkline/kit/operating-error';
import { shown } from '@trunkline/kit/text';
import { CONNECTORS, type ConnectorName, MARKETS } from '../demo/demo-plan.ts';
import { createLiveView } from '../demo/live-view.ts';
import { runDemo } from '../demo/run-demo.ts';
import { problemsOf } from '../demo/summary.ts';
import { formatSummary } from '../demo/summary-text.ts';
import type { CommandContext } from './command-context.ts';

/** RFC 1952, section 2.3.1. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** The connector whose venue a recorded feed is of. */
const RECORDED = 'binance';
/** A shorter run has nothing to compare. */
const LEAST_MS = 1_000;

export interface DemoContext extends CommandContext {
  /** Aborts when the process should stop; installed only when the command runs. */
  readonly stopSignal: () => AbortSignal;
  readonly isTerminal: boolean;
  readonly err: (text: string) => void;
}

export function createDemoCommand(context: DemoContext): Command {
  return command({
    name: 'demo',
    summary:
      'Run sim, engine and connectors as processes over mutual TLS, trade a grid, and check every order at the end.',
    details:
      'No keys and no network. On a terminal a live table, on a pipe a line every few seconds. Ctrl-C or SIGTERM cancels\n' +
      'our orders, says Goodbye, compares the journal with the ground truth of the sim, and prints a summary. Exit code 0\n' +
      'when everything agrees.',
    options: {
      for: duration('how long it trades (default: until it is told to stop)'),
      json: flag('print only the summary, as JSON; logs go to standard error'),
      replay: text('a recorded feed that is the market instead of the synthetic one', 'FILE'),
      speed: withDefault(factor('how fast the recording runs', { min: 0.01, max: 1_000 }), 1),
      seed: withDefault(whole('decides the synthetic market'), 1),
      state: text('the folder of certificates, keys, journal and logs (default: a fresh temporary one)', 'DIR', 1_024),
      link: withDefault(
        choice('who opens the connections: the engine (listen) or the connector (dial)', ['listen', 'dial']),
        'dial',
      ),
      market: withDefault(choice('what the connectors trade', [...MARKETS]), 'perpetual'),
      connectors: list(`the connectors to run, of: ${CONNECTORS.join(', ')} (default: all)`),
    },
    args: {},
    examples: [
      'bun run start',
      'bun run start --for 20s --json',
      'bun run start --market spot --connectors gate',
      'bun run start --replay feed.jsonl.gz --speed 5',
    ],
    async run({ options }) {
      const { market } = options;
      const connectors = readConnectors(options.connectors, options.replay !== undefined);
      if (connectors instanceof ConfigError) return connectors;
      if (options.replay !== undefined && (market !== 'perpetual' || connectors.join() !== RECORDED)) {
        return new ConfigError(
          `--replay: recordings are of ${RECORDED} perpetual; leave --market and --connectors out`,
        );
      }
      const bad =
        (options.replay === undefined ? undefined : badRecording(options.replay)) ??
        (options.state === undefined ? undefined : badStateFolder(options.state)) ??
        (options.for === undefined || options.for >= LEAST_MS ? undefined : new ConfigError('--for: at least 1s'));
      if (bad) return bad;
      const say = (line: string) => (options.json ? context.err(`${line}\n`) : context.out(`${line}\n`));
      const terminal = context.isTerminal && !options.json;
      const result = await runDemo({
        forMs: options.for,
        replay: options.replay === undefined ? undefined : { file: options.replay, speed: options.speed },
        seed: options.seed,
        stateFolder: options.state,
        link: options.link,
        connectors,
        market,
        clock: context.clock,
        env: context.env,
        stop: context.stopSignal(),
        view: options.json ? undefined : createLiveView({ terminal, write: context.out }),
        say,
        onLog: (name, line) => {
          if (!terminal) context.err(`${name}: ${line}\n`);
        },
      });
      if (result instanceof OperatingError) return result;
      const { summary, differences } = result;
      for (const line of [...problemsOf(summary), ...differences]) context.err(`not ok: ${line}\n`);
      context.out(options.json ? `${JSON.stringify(summary)}\n` : formatSummary(summary));
      return summary.ok ? EXIT_OK : EXIT_FAILED;
    },
  });
}

function readConnectors(names: readonly string[], replay: boolean): readonly ConnectorName[] | ConfigError {
  if (names.length === 0) return replay ? [RECORDED] : CONNECTORS;
  const known: ConnectorName[] = [];
  for (const name of new Set(names)) {
    const found = CONNECTORS.find((each) => each === name);
    if (!found) return new ConfigError(`--connectors: ${shown(name)} is not one of: ${CONNECTORS.join(', ')}`);
    known.push(found);
  }
  return known;
}

/** Looked at before anything is started, so that nothing has to be stopped for it. */
function badRecording(path: string): OperatingError | undefined {
  try {
    const file = openSync(path, 'r');
    const start = Buffer.alloc(GZIP_MAGIC.length);
    const isFile = fstatSync(file).isFile();
    if (isFile) readSync(file, start);
    closeSync(file);
    return start.equals(GZIP_MAGIC)
      ? undefined
      : new ConfigError(`--replay ${shown(path)}: is not a gzip file; it must be a recording, .jsonl.gz`);
  } catch (error) {
    const problem = fromSystemError(error, `--replay ${shown(path)}`);
    return problem && new ConfigError(problem.message);
  }
}

/** A folder, or a name at which one can be made. */
function badStateFolder(path: string): ConfigError | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (statSync(path).isDirectory()) return undefined;
  } catch {
    // Whatever stands in the way, the answer is the same.
  }
  return new ConfigError(`--state ${shown(path)}: cannot be made a folder; it must be the path of one, or of none yet`);
}
