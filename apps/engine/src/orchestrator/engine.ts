/**
 * The engine: one journal, one gateway, an account each. Opens them in that order, closes them in reverse.
 */
import { mkdirSync, rmSync } from 'node:fs';
import type { Logger } from '@trunkline/kit/log';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import { mintEngineId } from '@trunkline/proto/ids';
import { type Gateway, openGateway } from '@trunkline/proto/link/gateway';
import type { Link } from '@trunkline/proto/link/link';
import { connectListen } from '@trunkline/proto/link/listen';
import { type TlsSource, watchTls } from '@trunkline/proto/link/tls-source';
import type { Rng } from '@trunkline/proto/rng';
import type { AccountSettings, EngineConfig } from '../config.ts';
import { RemoteExchange } from '../exchange/remote-exchange.ts';
import { type AdminServer, createAdminApp, serveAdmin } from '../http/admin.ts';
import { adminSocketPath, isServed } from '../http/admin-client.ts';
import type { Journal } from '../journal/journal.ts';
import { journalPath } from '../journal/journal-file.ts';
import { openSqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import { ALL_ACCOUNTS, HaltBoard } from '../risk/halt-board.ts';
import { AccountRuntime } from './account-runtime.ts';
import type { EngineStatus } from './engine-status.ts';

/** Longest path of a Unix socket (sun_path in unix(7), less its terminator). */
const MAX_SOCKET_PATH = 107;

export interface EngineOptions {
  readonly config: EngineConfig;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly failpoint: (name: string) => void;
  /** A bug: ends the process. */
  readonly crash: (error: unknown) => void;
}

export interface Engine {
  readonly gatewayPort: number | null;
  readonly socketPath: string;
  status(): EngineStatus;
  /** Drains every account for at most `drainMs`; the status is taken when all have ended. */
  stop(drainMs: number): Promise<EngineStatus>;
}

export async function openEngine(options: EngineOptions): Promise<Engine | OperatingError> {
  const { config, clock, log } = options;
  const { engine: settings } = config;
  const socketPath = adminSocketPath(settings.state);
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    return new ConfigError(`engine.state: ${socketPath} is longer than the ${MAX_SOCKET_PATH} bytes of a socket path`);
  }
  mkdirSync(settings.state, { recursive: true, mode: 0o700 });
  if (await isServed(socketPath)) return new ConfigError(`engine.state: another engine runs on ${settings.state}`);
  rmSync(socketPath, { force: true });

  const tls = await watchTls({ paths: settings.tls, clock, log });
  if (!tls.ok) return new ConfigError(`engine.tls: ${tls.message}`);
  const { role, name } = tls.source.current().identity;
  if (role !== 'engine' || name !== settings.name) {
    tls.source.close();
    return new ConfigError(`engine.tls.cert: is of ${role} "${name}"; it must be of engine "${settings.name}"`);
  }
  const opened = await openSqliteJournal(journalPath(settings.state));
  if (opened.kind === 'refused') {
    tls.source.close();
    return new OperatingError(opened.message);
  }
  const gateway = await bindGateway(options, tls.source);
  if (gateway instanceof OperatingError) {
    tls.source.close();
    await opened.journal.close();
    return gateway;
  }
  return await assemble(options, { journal: opened.journal, tls: tls.source, gateway, socketPath });
}

interface Parts {
  readonly journal: Journal;
  readonly tls: TlsSource;
  readonly gateway: Gateway | undefined;
  readonly socketPath: string;
}

async function assemble(options: EngineOptions, parts: Parts): Promise<Engine> {
  const { config, clock, rng, log } = options;
  const { journal, tls, gateway, socketPath } = parts;
  const engineId = mintEngineId(rng);
  const startedAtUs = clock.wallUs();
  const scopes = [ALL_ACCOUNTS, ...config.accounts.map((account) => account.name)];
  const halts = await HaltBoard.open({ journal, clock, accounts: config.accounts.map((account) => account.name) });
  const accounts = config.accounts.map((settings) => {
    const link = linkOf(settings, options, parts);
    return new AccountRuntime({
      settings,
      strategies: config.strategies.filter((strategy) => strategy.account === settings.name),
      exchange: new RemoteExchange({ link, clock }),
      closeLink: () => link.close(),
      caller: { role: 'engine', name: config.engine.name },
      engineId,
      leaseTtlMs: config.engine.lease_ttl,
      journal,
      halts,
      clock,
      rng: rng.fork(settings.name),
      log: log.child({ account: settings.name }),
      failpoint: options.failpoint,
      crash: options.crash,
    });
  });
  let journalHead = await journal.head();
  const headTimer = keepHead();
  const status = (): EngineStatus => ({
    engine: config.engine.name,
    engineId,
    startedAtUs,
    nowUs: clock.wallUs(),
    gatewayPort: gateway?.port ?? null,
    journal: { path: journal.location, events: journalHead.seq, head: journalHead.hash },
    accounts: accounts.map((account) => account.status()),
  });
  const change = async (scope: string, state: 'halted' | 'running', reason: string, by: string) => {
    if (!scopes.includes(scope)) return `scope is "${scope}"; it must be one of: ${scopes.join(', ')}`;
    const result = await halts.set({ scope, state, reason, by });
    return result.kind === 'done' ? undefined : result.message;
  };
  const admin: AdminServer = serveAdmin(
    createAdminApp({
      status,
      halt: (scope, reason, by) => change(scope, 'halted', reason, by),
      resume: (scope, reason, by) => change(scope, 'running', reason, by),
    }),
    socketPath,
  );
  for (const account of accounts) account.start();

  /** The head moves with every commit; the status shows it as of a moment ago. */
  function keepHead() {
    let timer = clock.schedule(HEAD_INTERVAL_MS, look);
    function look(): void {
      journal.head().then((head) => {
        journalHead = head;
      }, options.crash);
      timer = clock.schedule(HEAD_INTERVAL_MS, look);
    }
    return { cancel: () => timer.cancel() };
  }

  return {
    gatewayPort: gateway?.port ?? null,
    socketPath,
    status,
    async stop(drainMs) {
      await Promise.all(accounts.map((account) => account.stop(drainMs)));
      headTimer.cancel();
      journalHead = await journal.head();
      const final = status();
      await admin.close();
      await gateway?.close();
      tls.close();
      await journal.close();
      rmSync(socketPath, { force: true });
      return final;
    },
  };
}

const HEAD_INTERVAL_MS = 1_000;

async function bindGateway(options: EngineOptions, tls: TlsSource): Promise<Gateway | undefined | OperatingError> {
  const { config, clock, log } = options;
  const address = config.engine.gateway;
  if (!address) return undefined;
  const connectors = config.accounts.filter(({ link }) => link === 'dial').map(({ connector }) => connector);
  const opened = await openGateway({ host: address.host, port: address.port, tls, connectors, clock, log });
  return opened.ok ? opened.gateway : new ConfigError(`engine.gateway: ${opened.message}`);
}

function linkOf(settings: AccountSettings, { clock, rng, log }: EngineOptions, { gateway, tls }: Parts): Link {
  const { connector, address } = settings;
  const link = address ? connectListen({ connector, address, tls, clock, rng, log }) : gateway?.link(connector);
  if (!link) throw new Error(`no link for ${connector}: the config was not checked`);
  return link;
}
