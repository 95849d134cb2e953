/**
 * What `connector run` is told: the `[connector]` section of trunkline.toml, with `TRUNKLINE_CONNECTOR__*` overrides
 * and flags over both. Other sections belong to other programs and are not looked at.
 *
 * Beyond the types of single keys, the whole must fit: a dial link names its engine, each credential comes from one
 * place, nobody is granted twice.
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
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import { readSecretFile, Secret } from '@trunkline/kit/secret';
import { toApproximateNumber, ZERO } from '@trunkline/proto/decimal';
import { ORDER_TAG_ALLOWED, parseAccountName, parseOrderTag, parseSymbol } from '@trunkline/proto/ids';
import { z } from 'zod';
import type { Grant, Grants } from './grants.ts';
import type { GuardConfig } from './guard.ts';
import {
  MARKET_NAMES,
  needsPassphrase,
  ORDER_ENTRIES,
  usualOrderEntry,
  VENUE_NAMES,
  type VenueConfig,
} from './venues/venue-config.ts';

const DEFAULT_FILE = 'trunkline.toml';
const ENV_PREFIX = 'TRUNKLINE_';
const ABOVE_ZERO = { above: ZERO };

const originField = () => textField('an address without a path such as http://127.0.0.1:9001', readOrigin);

const namesField = () => z.array(nameField()).max(100).default([]);

const variableField = () =>
  textField('the name of an environment variable', (text) => (/^[A-Za-z_]\w{0,127}$/.test(text) ? text : undefined));

/** The connector's own hard limits, which hold even if the engine is wrong. Absent: no such limit. */
const guardSection = z.strictObject({
  /** Base asset. */
  max_order_quantity: decimalField(ABOVE_ZERO).optional(),
  /** Quote asset. */
  max_order_notional: decimalField(ABOVE_ZERO).optional(),
  max_open_orders: z.int().min(1).max(10_000).optional(),
  max_orders_per_second: z.int().min(1).max(10_000).optional(),
  /** How far past the far side of the quote an order may reach, in hundredths of a percent. */
  price_band_bps: decimalField(ABOVE_ZERO).transform(toApproximateNumber).optional(),
});

const connectorSection = z.strictObject({
  /** Name in this connector's certificate. */
  name: nameField(),
  account: textField('an account name of 1 to 40 characters a-z, 0-9 and -, starting with a letter', parseAccountName),
  /** First characters of every client order id of the account; the engine's config says the same. */
  tag: textField(ORDER_TAG_ALLOWED, parseOrderTag),
  venue: z.enum(VENUE_NAMES),
  market: z.enum(MARKET_NAMES),
  symbols: z.array(textField('a symbol such as BTC/USDT:USDT', parseSymbol)).min(1).max(100),
  region: nameField().default('local'),
  api_key_file: pathField().optional(),
  api_secret_file: pathField().optional(),
  api_key_env: variableField().optional(),
  api_secret_env: variableField().optional(),
  /** The third part of a key, at the venues that have one. */
  api_passphrase_file: pathField().optional(),
  api_passphrase_env: variableField().optional(),
  /** How orders reach the venue; the fastest that it has, when absent. */
  order_entry: z.enum(ORDER_ENTRIES).optional(),
  /** Where the venue is reached instead of at its own addresses, streams included: the sim. */
  venue_url: originField().optional(),
  link: z.strictObject({
    mode: z.enum(['listen', 'dial']),
    /** Where to listen, or the engine's gateway. */
    address: hostPortField(),
    /** The only engine to dial. */
    engine: nameField().optional(),
  }),
  tls: z.strictObject({ ca: pathField(), cert: pathField(), key: pathField() }),
  /** Who may do what, by the name in the caller's certificate. */
  grants: z.strictObject({ trade: namesField(), observe: namesField(), tool: namesField() }),
  /** What becomes of our orders when the engine is gone for longer than `grace`. */
  on_disconnect: z.enum(['cancel_ours', 'hold']).default('cancel_ours'),
  grace: durationField({ minMs: 1_000, maxMs: 600_000 }).default(10_000),
  /** Nobody else trades the account: allows the venue's countdowns, which cancel every order of a symbol. */
  exclusive_account: z.boolean().default(false),
  guard: guardSection.prefault({}),
  log_level: z.enum(LOG_LEVELS).default('info'),
});

const fileSchema = z.looseObject({ connector: connectorSection });

export type ConnectorConfig = z.output<typeof connectorSection>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `path` is the file named on the command line; without one `trunkline.toml` counts where it exists. `flags` are values
 * from the command line by their path below `connector`, such as `link.address`.
 */
export function loadConnectorConfig(
  path: string | undefined,
  env: Environment,
  flags: Readonly<Record<string, string | undefined>> = {},
): ConnectorConfig | ConfigError {
  const file = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const ours = Object.entries(env).filter(([name]) => name.startsWith(`${ENV_PREFIX}CONNECTOR__`));
  if (file === undefined && ours.length === 0) {
    return new ConfigError(`no configuration: name a file with --config, or make a ${DEFAULT_FILE} here`);
  }
  // A flag is the variable of its key: the command line has already judged its text by the same rules.
  const given = Object.entries(flags).map(([key, value]) => [variableOf(key), value ?? env[variableOf(key)]]);
  const loaded = loadConfig({
    schema: fileSchema,
    path: file,
    env: Object.fromEntries([...ours, ...given]),
    envPrefix: ENV_PREFIX,
  });
  if (loaded instanceof ConfigError) return loaded;
  const misfit = findMisfit(loaded.connector);
  return misfit === undefined
    ? loaded.connector
    : new ConfigError(`config file ${file ?? 'environment'}: connector.${misfit}`);
}

/** What the config grants to whom. Only engines trade and only tools are tools; both may observe. */
export function grantsOf({ grants }: ConnectorConfig): Grants {
  const entries: [string, Grant][] = [
    ...grants.observe.flatMap((name): [string, Grant][] => [
      [`engine/${name}`, 'observe'],
      [`tool/${name}`, 'observe'],
    ]),
    ...grants.trade.map((name): [string, Grant] => [`engine/${name}`, 'trade']),
    ...grants.tool.map((name): [string, Grant] => [`tool/${name}`, 'tool']),
  ];
  return Object.fromEntries(entries);
}

export function guardOf({ guard }: ConnectorConfig): GuardConfig {
  return {
    ...(guard.max_order_quantity === undefined ? {} : { maxOrderQuantity: guard.max_order_quantity }),
    ...(guard.max_order_notional === undefined ? {} : { maxOrderNotional: guard.max_order_notional }),
    ...(guard.max_open_orders === undefined ? {} : { maxOpenOrders: guard.max_open_orders }),
    ...(guard.max_orders_per_second === undefined ? {} : { maxOrdersPerSecond: guard.max_orders_per_second }),
    ...(guard.price_band_bps === undefined ? {} : { priceBandBps: guard.price_band_bps }),
  };
}

export interface Credentials {
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  /** Present exactly for the venues that have one. */
  readonly passphrase?: Secret;
}

/** Reads key and secret from where the config says. */
export function loadCredentials(config: ConnectorConfig, env: Environment): Credentials | OperatingError {
  const apiKey = loadSecret('api_key', config.api_key_file, config.api_key_env, env);
  if (apiKey instanceof OperatingError) return apiKey;
  const apiSecret = loadSecret('api_secret', config.api_secret_file, config.api_secret_env, env);
  if (apiSecret instanceof OperatingError || !needsPassphrase(config.venue)) {
    return apiSecret instanceof OperatingError ? apiSecret : { apiKey, apiSecret };
  }
  const passphrase = loadSecret('api_passphrase', config.api_passphrase_file, config.api_passphrase_env, env);
  return passphrase instanceof OperatingError ? passphrase : { apiKey, apiSecret, passphrase };
}

/** The venue's part of the configuration. */
export function venueConfigOf(config: ConnectorConfig, credentials: Credentials): VenueConfig {
  const { venue, market, symbols, venue_url: venueUrl, order_entry: orderEntry } = config;
  const { apiKey, apiSecret: secret, passphrase } = credentials;
  return {
    ...{ venue, market, symbols, apiKey, secret },
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(venueUrl === undefined ? {} : { venueUrl }),
    ...(orderEntry === undefined ? {} : { orderEntry }),
  };
}

function loadSecret(key: string, file: string | undefined, variable: string | undefined, env: Environment) {
  if (file !== undefined) {
    const secret = readSecretFile(file);
    return secret instanceof OperatingError ? new ConfigError(`connector.${key}_file: ${secret.message}`) : secret;
  }
  const text = variable === undefined ? undefined : env[variable];
  if (text !== undefined && text.trim() !== '') return new Secret(text);
  return new ConfigError(`connector.${key}_env: environment variable ${variable} is not set or empty`);
}

function variableOf(key: string): string {
  return `${ENV_PREFIX}CONNECTOR__${key.toUpperCase().replaceAll('.', '__')}`;
}

function findMisfit(config: ConnectorConfig): string | undefined {
  const { link, grants, symbols } = config;
  if (link.mode === 'dial' && link.engine === undefined)
    return 'link.engine: is missing; mode = "dial" names the engine';
  if (link.mode === 'dial' && link.address.port === 0)
    return 'link.address: port 0 cannot be dialled; it must be 1 to 65535';
  if (link.mode === 'listen' && link.engine !== undefined) return 'link.engine: is only allowed with mode = "dial"';
  for (const key of ['api_key', 'api_secret'] as const) {
    const places = [config[`${key}_file`], config[`${key}_env`]].filter((place) => place !== undefined);
    if (places.length !== 1) return `${key}_file: exactly one of ${key}_file and ${key}_env must be given`;
  }
  const passphrases = [config.api_passphrase_file, config.api_passphrase_env].filter((place) => place !== undefined);
  if (needsPassphrase(config.venue) && passphrases.length !== 1) {
    return `api_passphrase_file: exactly one of api_passphrase_file and api_passphrase_env must be given for ${config.venue}`;
  }
  if (!needsPassphrase(config.venue) && passphrases.length > 0) {
    return `api_passphrase_file: a key of ${config.venue} has no passphrase`;
  }
  if (config.order_entry === 'websocket' && usualOrderEntry(config.venue) !== 'websocket') {
    return `order_entry: no order entry over WebSocket is known for ${config.venue}; it must be "rest", or left out`;
  }
  const settled = config.market === 'perpetual';
  const misfit = symbols.find((symbol) => symbol.includes(':') !== settled);
  if (misfit !== undefined) {
    const example = settled ? 'BTC/USDT:USDT' : 'BTC/USDT';
    return `symbols: ${misfit} is not of market = "${config.market}"; write it like ${example}`;
  }
  const lists: Readonly<Record<string, readonly string[]>> = {
    symbols,
    'grants.trade': grants.trade,
    'grants.observe': grants.observe,
    'grants.tool': grants.tool,
  };
  for (const [key, names] of Object.entries(lists)) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return `${key}: ${twice} stands twice`;
  }
  return undefined;
}

/** The origin that the text is; undefined for anything more or else. */
function readOrigin(text: string): string | undefined {
  const url = text.length <= 300 && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const isPlain =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return isPlain && url.hostname !== '' ? `${url.protocol}//${url.host}` : undefined;
}
