#!/usr/bin/env bun
/**
 * `connector run`: one venue account as an ExchangeService, until it is told to stop (SIGTERM, SIGINT, or the end of
 * its parent). Exit codes: 0 drained, 1 failed, 2 wrong usage or configuration. `connector record`: what the venue sends,
 * into a file.
 *
 * M1  Standard output carries one line, `{"ready":true,...}`; logs go to standard error as JSON.
 * M2  A flag wins over the environment, the environment over the file. Secrets are no flags: argv is public.
 */
import {
  choice,
  command,
  commandGroup,
  type OptionValues,
  type Outcome,
  runCli,
  text,
  valueOption,
} from '@trunkline/kit/cli';
import { armFailpoints, failpoint } from '@trunkline/kit/failpoint';
import { createLogger, LOG_LEVELS } from '@trunkline/kit/log';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import { exitWithParent, PARENT_GONE, shutdownSignal } from '@trunkline/kit/process';
import { HOST_PORT_IN_WORDS, isName, NAME_IN_WORDS, parseHostPort } from '@trunkline/kit/values';
import { systemClock } from '@trunkline/proto/clock';
import { watchTls } from '@trunkline/proto/link/tls-source';
import { systemRng } from '@trunkline/proto/rng';
import { RELEASE_VERSION } from '@trunkline/proto/version';
import {
  type ConnectorConfig,
  type Credentials,
  grantsOf,
  guardOf,
  loadConnectorConfig,
  loadCredentials,
  venueConfigOf,
} from './config.ts';
import { ConnectorCore, LANE_DEFAULTS } from './core.ts';
import { createRecordCommand } from './record/record-command.ts';
import { runConnector } from './run.ts';
import { createVenue } from './venues/create-venue.ts';
import type { VenueSurroundings } from './venues/venue-config.ts';

const named = (given: string) => (isName(given) ? given : undefined);
const address = (given: string) => (parseHostPort(given) === undefined ? undefined : given);

const options = {
  config: text(
    'the configuration file; its [connector] section counts (default: trunkline.toml where it exists)',
    'FILE',
  ),
  name: valueOption('connector.name: the name in the certificate', 'NAME', NAME_IN_WORDS, named),
  link: choice('connector.link.mode: who opens the connections', ['listen', 'dial']),
  address: valueOption(
    'connector.link.address: where to listen, or the gateway to dial',
    'HOST:PORT',
    HOST_PORT_IN_WORDS,
    address,
  ),
  'log-level': choice('connector.log_level', LOG_LEVELS),
};

type Given = OptionValues<typeof options>;

const run = command({
  name: 'run',
  summary: 'Serve one venue account.',
  details:
    'Every key of the [connector] section can be set in the environment as TRUNKLINE_CONNECTOR__KEY, ' +
    'a key below another as TRUNKLINE_CONNECTOR__LINK__ADDRESS.',
  options,
  args: {},
  examples: ['connector run --config edge-1.toml', 'connector run --link listen --address 127.0.0.1:7001'],
  run: ({ options: given }) => start(given),
});

const recordCommand = createRecordCommand({
  env: process.env,
  clock: systemClock(),
  rng: systemRng(),
  stop: stopSignal,
  logger: (name, level) => createLogger({ name, level, destination: 'stderr' }),
});

async function start(given: Given): Promise<Outcome> {
  const { env } = process;
  const badFailpoints = armFailpoints(env['TRUNKLINE_FAILPOINTS']);
  if (badFailpoints) return badFailpoints;
  const config = loadConnectorConfig(given.config, env, {
    name: given.name,
    'link.mode': given.link,
    'link.address': given.address,
    log_level: given['log-level'],
  });
  if (config instanceof ConfigError) return config;
  const credentials = loadCredentials(config, env);
  if (credentials instanceof OperatingError) return credentials;

  const log = createLogger({ name: config.name, level: config.log_level, destination: 'stderr' });
  const clock = systemClock();
  const rng = systemRng();
  const watched = await watchTls({ paths: config.tls, clock, log });
  if (!watched.ok) return new ConfigError(`connector.tls: ${watched.message}`);
  const tls = watched.source;
  const misnamed = findMisnamed(config, tls.current().identity);
  if (misnamed) return misnamed;

  const core = await createCore(config, credentials, { clock, rng, logger: log });
  if (core instanceof ConfigError) return core;
  const outcome = await runConnector({
    config,
    core,
    tls,
    clock,
    rng,
    log,
    stop: stopSignal(),
    announce: (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
  });
  tls.close();
  return outcome;
}

async function createCore(config: ConnectorConfig, credentials: Credentials, around: VenueSurroundings) {
  const { market, symbols } = config;
  const venue = await createVenue(venueConfigOf(config, credentials), around);
  if (venue === undefined) return new ConfigError(`connector.market: ${market} of ${config.venue} is not served`);
  return new ConnectorCore({
    venue,
    clock: around.clock,
    rng: around.rng,
    log: around.logger,
    failpoint,
    config: {
      ...LANE_DEFAULTS,
      account: config.account,
      tag: config.tag,
      symbols,
      region: config.region,
      commit: '',
      grants: grantsOf(config),
      guard: guardOf(config),
      graceMs: config.grace,
      onSessionLost: config.on_disconnect,
      exclusiveAccount: config.exclusive_account,
    },
  });
}

/** A certificate of another name would be refused by every peer, one by one. */
function findMisnamed(config: ConnectorConfig, identity: { role: string; name: string }): ConfigError | undefined {
  if (identity.role === 'connector' && identity.name === config.name) return undefined;
  return new ConfigError(
    `connector.tls.cert: ${config.tls.cert} is of ${identity.role}/${identity.name}; it must be of connector/${config.name}`,
  );
}

/** Aborts with why to stop. */
function stopSignal(): AbortSignal {
  const orphaned = new AbortController();
  exitWithParent(process.env, () => orphaned.abort(PARENT_GONE));
  return AbortSignal.any([shutdownSignal(), orphaned.signal]);
}

const code = await runCli({
  root: commandGroup({
    name: 'connector',
    summary: 'One venue account as a gRPC service.',
    commands: [run, recordCommand],
  }),
  version: RELEASE_VERSION,
  words: process.argv.slice(2),
  stdout: (words) => process.stdout.write(words),
  stderr: (words) => process.stderr.write(words),
  log: createLogger({ name: 'connector', level: 'info', destination: 'stderr' }),
});
// Sockets that a venue's library leaves open must not keep a process alive that has nothing left to do.
process.exit(code);
