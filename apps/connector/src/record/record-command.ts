/** `connector record`: the command line of record.ts. */
import { type Command, command, duration, text } from '@trunkline/kit/cli';
import type { Logger, LogLevel } from '@trunkline/kit/log';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import type { Rng } from '@trunkline/proto/rng';
import { type Environment, loadConnectorConfig, loadCredentials, venueConfigOf } from '../config.ts';
import { record } from './record.ts';

export interface RecordContext {
  readonly env: Environment;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Aborts when the process should stop; installed only when the command runs. */
  readonly stop: () => AbortSignal;
  readonly logger: (name: string, level: LogLevel) => Logger;
}

export function createRecordCommand(context: RecordContext): Command {
  return command({
    name: 'record',
    summary: 'Record what the venue sends, secrets removed, for replays and tests.',
    details:
      'Takes the [connector] section of `connector run`: its venue, market, symbols and key. Nothing is ordered, set or\n' +
      'cancelled. The file is gzip, a line a message; `sim run --replay FILE` plays it back.',
    options: {
      config: text('the configuration file (default: trunkline.toml where it exists)', 'FILE'),
      out: text('the file to write, e.g. gate-spot.jsonl.gz', 'FILE', 1_024),
      for: duration('how long (default: until it is told to stop)'),
    },
    args: {},
    examples: ['connector record --config edge-1.toml --out gate-spot.jsonl.gz --for 60s'],
    async run({ options }) {
      if (options.out === undefined) return new ConfigError('--out: is missing; it names the file to write');
      const config = loadConnectorConfig(options.config, context.env);
      if (config instanceof ConfigError) return config;
      const credentials = loadCredentials(config, context.env);
      if (credentials instanceof OperatingError) return credentials;
      const { clock, rng } = context;
      return record({
        venue: venueConfigOf(config, credentials),
        surroundings: { clock, rng, logger: context.logger(config.name, config.log_level) },
        path: options.out,
        forMs: options.for,
        stop: context.stop(),
      });
    },
  });
}
