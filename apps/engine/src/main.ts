#!/usr/bin/env bun
/**
 * The engine's program. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 70 a bug.
 *
 * The one file of the engine that reads the environment, constructs the real clock, and ends the process.
 */
import { commandGroup, runCli } from '@trunkline/kit/cli';
import { armFailpoints, failpoint } from '@trunkline/kit/failpoint';
import { createLogger } from '@trunkline/kit/log';
import { EXIT_BUG } from '@trunkline/kit/operating-error';
import { exitWithParent, PARENT_GONE, shutdownSignal } from '@trunkline/kit/process';
import { systemClock } from '@trunkline/proto/clock';
import { systemRng } from '@trunkline/proto/rng';
import { RELEASE_VERSION } from '@trunkline/proto/version';
import { createCertsCommand } from './cli/certs-command.ts';
import { createDemoCommand } from './cli/demo-command.ts';
import { createHaltCommand } from './cli/halt-command.ts';
import { createJournalCommand, createOrdersCommand, createPositionsCommand } from './cli/journal-command.ts';
import { createRunCommand } from './cli/run-command.ts';

const log = createLogger({ name: 'engine', level: 'info', destination: 'stderr' });
const out = (text: string) => {
  process.stdout.write(text);
};
const err = (text: string) => {
  process.stderr.write(text);
};
const context = { clock: systemClock(), env: process.env, log, out };

/** Resolves with why to stop: a signal, or the end of the parent. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    const signal = shutdownSignal();
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true });
    exitWithParent(process.env, () => resolve(PARENT_GONE));
  });
}

function crash(error: unknown): void {
  log.error({ error }, 'a bug ends the engine');
  process.exit(EXIT_BUG);
}

process.exitCode = await runCli({
  root: commandGroup({
    name: 'engine',
    summary: 'The central engine: journal, orders, positions, strategies.',
    commands: [
      createRunCommand({ ...context, rng: systemRng(), failpoint, armFailpoints, stopRequested, crash }),
      createDemoCommand({ ...context, err, stopSignal: shutdownSignal, isTerminal: process.stdout.isTTY === true }),
      createOrdersCommand(context),
      createPositionsCommand(context),
      createJournalCommand(context),
      createHaltCommand('halt', context),
      createHaltCommand('resume', context),
      createCertsCommand(context),
    ],
  }),
  version: RELEASE_VERSION,
  words: process.argv.slice(2),
  stdout: out,
  stderr: err,
  log,
});
