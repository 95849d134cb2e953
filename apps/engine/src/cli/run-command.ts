/** `engine run`: the engine as a process. */
import { type Command, command, text } from '@trunkline/kit/cli';
import { createLogger } from '@trunkline/kit/log';
import { ConfigError, EXIT_OK, OperatingError } from '@trunkline/kit/operating-error';
import { ORPHAN_GRACE_MS, PARENT_GONE } from '@trunkline/kit/process';
import type { Rng } from '@trunkline/proto/rng';
import { loadEngineConfig } from '../config.ts';
import { openEngine } from '../orchestrator/engine.ts';
import type { CommandContext } from './command-context.ts';

export interface RunContext extends CommandContext {
  readonly rng: Rng;
  readonly failpoint: (name: string) => void;
  readonly armFailpoints: (text: string | undefined) => ConfigError | undefined;
  /** Resolves with why to stop; installed only when the command runs. */
  readonly stopRequested: () => Promise<string>;
  /** Ends the process because of a bug. */
  readonly crash: (error: unknown) => void;
}

export function createRunCommand(context: RunContext): Command {
  return command({
    name: 'run',
    summary: 'Run the engine until it is told to stop.',
    details:
      'Prints one JSON line when it serves, and one with its final status when it has stopped. SIGTERM or SIGINT stops the\n' +
      'strategies, cancels our orders, waits for their ends, says Goodbye and exits 0. Every key of the configuration can\n' +
      'be set in the environment: TRUNKLINE_ENGINE__STATE sets engine.state.',
    options: { config: text('the configuration file (default: trunkline.toml)', 'FILE') },
    args: {},
    examples: ['engine run --config engine.toml'],
    async run({ options }) {
      const badFailpoints = context.armFailpoints(context.env.TRUNKLINE_FAILPOINTS);
      if (badFailpoints) return badFailpoints;
      const config = loadEngineConfig(options.config, context.env);
      if (config instanceof ConfigError) return config;
      const log = createLogger({ name: 'engine', level: config.engine.log_level, destination: 'stderr' });
      const stopped = context.stopRequested();
      const { clock, rng, failpoint, crash } = context;
      const engine = await openEngine({ config, clock, rng, log, failpoint, crash });
      if (engine instanceof OperatingError) return engine;
      const { gatewayPort, socketPath } = engine;
      context.out(`${JSON.stringify({ ready: true, engine: config.engine.name, gatewayPort, socketPath })}\n`);
      const reason = await stopped;
      log.info({ reason }, 'stopping');
      const final = await engine.stop(reason === PARENT_GONE ? ORPHAN_GRACE_MS : config.engine.drain);
      context.out(`${JSON.stringify({ final })}\n`);
      return EXIT_OK;
    },
  });
}
