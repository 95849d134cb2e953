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
  /** Only some venues ask for it. */
  readonly passphraseFile: string;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
}

export interface DemoState {
  readonly folder: string;
  readonly journalFolder: string;
  readonly simFolder: string;
  /** Where the named process logs to. */
  logFile(name: string): string;
  /** The certificate of an identity, issued when it is not there yet. */
  certificate(role: 'engine' | 'connector', name: string): Promise<TlsPaths>;
  /** An account's key, secret and passphrase, minted when they are not there yet; files of mode 0400. */
  apiKey(account: string): ApiKey;
  /** Writes a configuration file and returns its path. */
  writeConfig(name: string, table: TomlTable): string;
  /** `balances` are what each account starts with, by asset. */
  writeSimAccounts(accounts: readonly SimAccountPlan[]): string;
}

export interface SimAccountPlan {
  readonly name: string;
  readonly apiKey: ApiKey;
  readonly balances: Readonly<Record<string, string>>;
}

const SECRET_BYTES = 32;
/** Venues take short passphrases only. */
const PASSPHRASE_BYTES = 12;

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
      const passphraseFile = join(within('keys'), `${account}.passphrase`);
      return {
        ...{ keyFile, secretFile, passphraseFile },
        key: readOrMint(keyFile, SECRET_BYTES),
        secret: readOrMint(secretFile, SECRET_BYTES),
        passphrase: readOrMint(passphraseFile, PASSPHRASE_BYTES),
      };
    },
    writeConfig(name, table) {
      const path = join(within('config'), `${name}.toml`);
      writeFileSync(path, formatToml(table), { mode: 0o600 });
      return path;
    },
    writeSimAccounts(accounts) {
      const path = join(within('config'), 'sim-accounts.json');
      const rows = accounts.map(({ name, apiKey, balances }) => ({
        name,
        apiKey: apiKey.key,
        apiSecret: apiKey.secret,
        passphrase: apiKey.passphrase,
        balances,
      }));
      writeFileSync(path, JSON.stringify({ accounts: rows }), { mode: 0o600 });
      return path;
    },
  };
}

function readOrMint(path: string, bytes: number): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const minted = Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  writeFileSync(path, minted, { mode: 0o400 });
  return minted;
}

function succeed(result: { readonly ok: true } | { readonly ok: false; readonly message: string }): void {
  if (!result.ok) throw new OperatingError(result.message);
}
