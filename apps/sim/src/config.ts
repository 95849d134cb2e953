/**
 * What `sim run` is told: the `[sim]` section of trunkline.toml with `TRUNKLINE_SIM__*` overrides, flags over both, and
 * the file of accounts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { loadConfig } from '@trunkline/kit/config';
import { describeIssue } from '@trunkline/kit/config-issue';
import { decimalField, nameField, pathField, textField } from '@trunkline/kit/config-types';
import { ConfigError, fromSystemError } from '@trunkline/kit/operating-error';
import { shown } from '@trunkline/kit/text';
import { decimal, ZERO } from '@trunkline/proto/decimal';
import { z } from 'zod';
import { DEFAULT_VENUE, type SimAccount } from './sim.ts';
import { PAIRS, VENUES } from './venues/registry.ts';

const ENV_PREFIX = 'TRUNKLINE_';
const DEFAULT_FILE = 'trunkline.toml';

/** The account that is served when no file of accounts is given. */
export const DEFAULT_ACCOUNT: SimAccount = {
  name: 'main',
  apiKey: 'sim-key',
  apiSecret: 'sim-secret',
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2'), ETH: decimal('50') },
};

const feeField = () => decimalField({ min: decimal('-0.01'), max: decimal('0.01') });

export const simSection = z.strictObject({
  venues: z.array(z.enum(VENUES)).min(1).default([DEFAULT_VENUE]),
  host: z.string().min(1).max(255).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(0),
  control_port: z.int().min(0).max(65_535).default(0),
  seed: z.int().min(0).default(1),
  symbols: z.array(z.enum(PAIRS)).min(1).default(['BTCUSDT', 'ETHUSDT']),
  replay: pathField().optional(),
  speed: z.number().min(0.01).max(1_000).default(1),
  state: pathField().optional(),
  accounts: pathField().optional(),
  /** Synthetic actions a second and symbol. */
  flow_rate: z.number().min(0.1).max(10_000).optional(),
  /** Fraction of notional; negative is a rebate. The venue's own rates when absent. */
  maker_fee: feeField().optional(),
  taker_fee: feeField().optional(),
});

export type SimSection = z.output<typeof simSection>;

/** Other sections belong to other programs and are not looked at. */
const fileSchema = z.looseObject({ sim: simSection.prefault({}) });

/** `path` is the file named on the command line; without one `trunkline.toml` counts where it exists. */
export function loadSimSection(
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): SimSection | ConfigError {
  const ours = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith(`${ENV_PREFIX}SIM__`)));
  const file = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const loaded = loadConfig({ schema: fileSchema, path: file, env: ours, envPrefix: ENV_PREFIX });
  return loaded instanceof ConfigError ? loaded : loaded.sim;
}

const credential = () =>
  textField<string>('1 to 128 characters of A-Z, a-z, 0-9, _ and -', (text) =>
    /^[A-Za-z0-9_-]{1,128}$/.test(text) ? text : undefined,
  );

const assetField = () =>
  textField<string>('1 to 20 characters of A-Z and 0-9', (text) => (/^[A-Z0-9]{1,20}$/.test(text) ? text : undefined));

const accountsSchema = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        name: nameField(),
        apiKey: credential(),
        apiSecret: credential(),
        canWithdraw: z.boolean().default(false),
        passphrase: credential().optional(),
        uid: textField<string>('1 to 20 digits', (text) => (/^\d{1,20}$/.test(text) ? text : undefined)).optional(),
        balances: z.record(assetField(), decimalField({ min: ZERO })),
      }),
    )
    .min(1),
});

/** A TOML file of `[[accounts]]`, or a JSON file of the same (`{"accounts":[...]}` or the bare list). */
export function loadAccounts(path: string): readonly SimAccount[] | ConfigError {
  const loaded = path.endsWith('.json')
    ? loadJsonAccounts(path)
    : loadConfig({ schema: accountsSchema, path, env: {}, envPrefix: ENV_PREFIX });
  if (loaded instanceof ConfigError) return loaded;
  const accounts = loaded.accounts.map(({ passphrase, uid, ...account }) => ({
    ...account,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(uid === undefined ? {} : { uid }),
  }));
  for (const key of ['name', 'apiKey'] as const) {
    const values = accounts.map((account) => account[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined)
      return new ConfigError(
        `config file ${path}: accounts: ${key} ${shown(twice)} stands twice; each must be its own`,
      );
  }
  return accounts;
}

function loadJsonAccounts(path: string): z.output<typeof accountsSchema> | ConfigError {
  const parsed = readJson(path);
  if (parsed instanceof ConfigError) return parsed;
  const data: unknown = Array.isArray(parsed) ? { accounts: parsed } : parsed;
  const result = accountsSchema.safeParse(data, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new Error('zod refused a value without an issue');
  return new ConfigError(describeIssue(accountsSchema, issue, data, path, new Map()));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return new ConfigError(`config file ${path}: is not JSON: ${error.message}`);
    const problem = fromSystemError(error, `config file ${path}`);
    if (problem === undefined) throw error;
    return new ConfigError(problem.message);
  }
}
