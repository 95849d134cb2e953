/**
 * The state folder of a demonstration: certificates, API keys, configuration files, journal, the sim's own state, and
 * the logs of every process. Made once, used again by a later run on the same folder.
 *
 *   certs/  keys/  config/  journal/  sim/  logs/
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperatingError } from '@trunkline/kit/operating-error';
import { formatToml, type TomlTable } from '@trunkline/kit/toml';
import type { Clock } from '@trunkline/proto/clock';
import type { TlsPaths } from '@trunkline/proto/link/tls';
import { authorityPaths, certificatePaths, createAuthority, issueCertificate } from '../certs/authority.ts';

export interface ApiKey {
  readonly keyFile: string;
  readonly secretFile: string;
  readonly key: string;
  readonly secret: string;
}

export interface DemoState {
  readonly folder: string;
  readonly journalFolder: string;
  readonly simFolder: string;
  /** Where the named process logs to. */
  logFile(name: string): string;
  /** The certificate of an identity, issued when it is not there yet. */
  certificate(role: 'engine' | 'connector', name: string): Promise<TlsPaths>;
  /** An account's key and secret, minted when they are not there yet; files of mode 0400. */
  apiKey(account: string): ApiKey;
  /** Writes a configuration file and returns its path. */
  writeConfig(name: string, table: TomlTable): string;
  writeSimAccounts(accounts: readonly { name: string; apiKey: ApiKey; deposit: string }[]): string;
}

const SECRET_BYTES = 32;

export async function prepareState(folder: string, clock: Clock): Promise<DemoState> {
  const root = resolve(folder);
  const within = (name: string) => join(root, name);
  for (const name of ['', 'keys', 'config', 'journal', 'sim', 'logs']) {
    mkdirSync(within(name), { recursive: true, mode: 0o700 });
  }
  const certs = within('certs');
  if (!existsSync(authorityPaths(certs).cert)) succeed(await createAuthority({ folder: certs, clock }));
  return {
    folder: root,
    journalFolder: within('journal'),
    simFolder: within('sim'),
    logFile: (name) => join(within('logs'), `${name}.log`),
    async certificate(role, name) {
      const paths = certificatePaths(certs, { role, name });
      if (!existsSync(paths.cert)) succeed(await issueCertificate({ folder: certs, clock, role, name }));
      return paths;
    },
    apiKey(account) {
      const keyFile = join(within('keys'), `${account}.key`);
      const secretFile = join(within('keys'), `${account}.secret`);
      return { keyFile, secretFile, key: readOrMint(keyFile), secret: readOrMint(secretFile) };
    },
    writeConfig(name, table) {
      const path = join(within('config'), `${name}.toml`);
      writeFileSync(path, formatToml(table), { mode: 0o600 });
      return path;
    },
    writeSimAccounts(accounts) {
      const path = join(within('config'), 'sim-accounts.json');
      const rows = accounts.map(({ name, apiKey, deposit }) => ({
        name,
        apiKey: apiKey.key,
        apiSecret: apiKey.secret,
        balances: { USDT: deposit },
      }));
      writeFileSync(path, JSON.stringify({ accounts: rows }), { mode: 0o600 });
      return path;
    },
  };
}

function readOrMint(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const minted = Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString('hex');
  writeFileSync(path, minted, { mode: 0o400 });
  return minted;
}

function succeed(result: { readonly ok: true } | { readonly ok: false; readonly message: string }): void {
  if (!result.ok) throw new OperatingError(result.message);
}
