/**
 * What the engine is told: `[engine]`, `[[accounts]]` and `[[strategies]]` of trunkline.toml, with `TRUNKLINE_*`
 * overrides. Other sections belong to other programs and are not looked at.
 *
 * Beyond the types of single keys, the whole must fit: names are unique, an account named by a strategy exists and
 * trades that symbol, a listen link has an address, a dial link has a gateway to come to.
 */
import { existsSync } from 'node:fs';
import { loadConfig } from '@trunkline/kit/config';
import {
  decimalField,
  durationField,
  hostPortField,
  nameField,
  pathField,
  textField,
} from '@trunkline/kit/config-types';
import { LOG_LEVELS } from '@trunkline/kit/log';
import { ConfigError } from '@trunkline/kit/operating-error';
import { asQuantity, decimal, ZERO } from '@trunkline/proto/decimal';
import { ORDER_TAG_ALLOWED, parseAccountName, parseOrderTag, parseSymbol } from '@trunkline/proto/ids';
import { z } from 'zod';

const DEFAULT_FILE = 'trunkline.toml';
const ABOVE_ZERO = { above: ZERO };

const symbolField = () => textField('a symbol such as BTC/USDT or BTC/USDT:USDT', parseSymbol);
const accountField = () =>
  textField('an account name of 1 to 40 characters a-z, 0-9 and -, starting with a letter', parseAccountName);
const quantityField = () => decimalField(ABOVE_ZERO).transform(asQuantity);

const limitsSection = z.strictObject({
  max_order_quantity: quantityField(),
  max_order_notional: decimalField(ABOVE_ZERO),
  max_position: quantityField(),
  max_open_orders: z.int().min(1).max(10_000).default(200),
  max_orders_per_second: z.int().min(1).max(10_000).default(50),
  price_band_bps: decimalField(ABOVE_ZERO).default(decimal('500')),
  max_daily_loss: decimalField(ABOVE_ZERO),
});

const accountSection = z.strictObject({
  name: accountField(),
  /** Name in the connector's certificate. */
  connector: nameField(),
  tag: textField(ORDER_TAG_ALLOWED, parseOrderTag),
  link: z.enum(['listen', 'dial']),
  /** Where the connector listens. */
  address: hostPortField().optional(),
  symbols: z.array(symbolField()).min(1).max(100),
  limits: limitsSection,
});

const strategySection = z.strictObject({
  kind: z.enum(['grid']),
  account: accountField(),
  symbol: symbolField(),
  levels: z.int().min(1).max(100).default(5),
  spacing_bps: decimalField(ABOVE_ZERO),
  half_spread_bps: decimalField({ min: ZERO }),
  quantity: quantityField(),
  max_position: quantityField(),
});

const engineSection = z.strictObject({
  name: nameField(),
  /** Folder of the journal and of the administration socket. */
  state: pathField(),
  log_level: z.enum(LOG_LEVELS).default('info'),
  lease_ttl: durationField({ minMs: 2_000, maxMs: 120_000 }).default(10_000),
  /** How long a shutdown waits for open orders to end and unknown ones to be resolved. */
  drain: durationField({ minMs: 0, maxMs: 600_000 }).default(45_000),
  /** Where connectors with a dial link come to. */
  gateway: hostPortField().optional(),
  tls: z.strictObject({ ca: pathField(), cert: pathField(), key: pathField() }),
});

const fileSchema = z.looseObject({
  engine: engineSection,
  accounts: z.array(accountSection).min(1).max(100),
  strategies: z.array(strategySection).max(1_000).default([]),
});

export type EngineSettings = z.output<typeof engineSection>;
export type AccountSettings = z.output<typeof accountSection>;
export type LimitSettings = z.output<typeof limitsSection>;
export type StrategySettings = z.output<typeof strategySection>;

export interface EngineConfig {
  readonly engine: EngineSettings;
  readonly accounts: readonly AccountSettings[];
  readonly strategies: readonly StrategySettings[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `path` is the file named on the command line; without one, `trunkline.toml` of the working folder. */
export function loadEngineConfig(path: string | undefined, env: Environment): EngineConfig | ConfigError {
  const file = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (file === undefined) {
    return new ConfigError(`no configuration: name a file with --config, or make a ${DEFAULT_FILE} here`);
  }
  const ours = Object.fromEntries(
    Object.entries(env).filter(([name]) => /^TRUNKLINE_(ENGINE|ACCOUNTS|STRATEGIES)__/.test(name)),
  );
  const config = loadConfig({ schema: fileSchema, path: file, env: ours, envPrefix: 'TRUNKLINE_' });
  if (config instanceof ConfigError) return config;
  const misfit = findMisfit(config);
  return misfit === undefined ? config : new ConfigError(`config file ${file}: ${misfit}`);
}

function findMisfit({ engine, accounts, strategies }: EngineConfig): string | undefined {
  for (const key of ['name', 'connector', 'tag'] as const) {
    const twice = firstRepeated(accounts.map((account) => account[key]));
    if (twice !== undefined) return `accounts: ${key} "${twice}" stands twice; each must be its own`;
  }
  for (const [index, account] of accounts.entries()) {
    const at = `accounts[${index}] (${account.name})`;
    if (account.link === 'listen' && !account.address) return `${at}: address must be given with link = "listen"`;
    if (account.link === 'dial' && account.address) return `${at}: address is only allowed with link = "listen"`;
    if (account.link === 'dial' && !engine.gateway) return `${at}: link = "dial" needs engine.gateway`;
  }
  for (const [index, strategy] of strategies.entries()) {
    const account = accounts.find((each) => each.name === strategy.account);
    const at = `strategies[${index}]`;
    if (!account) {
      return `${at}.account is "${strategy.account}"; it must be one of: ${accounts.map((each) => each.name).join(', ')}`;
    }
    if (!account.symbols.includes(strategy.symbol)) {
      return `${at}.symbol is "${strategy.symbol}"; it must be one of ${account.name}'s: ${account.symbols.join(', ')}`;
    }
  }
  const twice = firstRepeated(strategies.map((strategy) => `${strategy.account} ${strategy.symbol}`));
  return twice === undefined ? undefined : `strategies: ${twice} has two; one strategy trades a symbol of an account`;
}

function firstRepeated(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
