import { afterAll, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import { type ConnectorConfig, grantsOf, loadConnectorConfig, loadCredentials } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'connector-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WHOLE = `
[engine]
anything = 1

[connector]
name = "edge-1"
account = "main"
tag = "bin"
venue = "binance"
market = "perpetual"
symbols = ["BTC/USDT:USDT"]
api_key_file = "key"
api_secret_env = "SECRET"
venue_url = "http://127.0.0.1:9001"

[connector.link]
mode = "listen"
address = "127.0.0.1:0"

[connector.tls]
ca = "ca.pem"
cert = "cert.pem"
key = "key.pem"

[connector.grants]
trade = ["main"]
`;

let count = 0;

function load(text: string, env: Record<string, string> = {}, flags: Record<string, string | undefined> = {}) {
  const path = join(folder, `config-${count++}.toml`);
  writeFileSync(path, text);
  return loadConnectorConfig(path, env, flags);
}

function good(
  text: string,
  env: Record<string, string> = {},
  flags: Record<string, string | undefined> = {},
): ConnectorConfig {
  const config = load(text, env, flags);
  if (config instanceof ConfigError) throw config;
  return config;
}

test('a whole section reads, with its defaults, beside the sections of other programs', () => {
  expect(good(WHOLE)).toMatchObject({
    name: 'edge-1',
    region: 'local',
    grace: 10_000,
    on_disconnect: 'cancel_ours',
    exclusive_account: false,
    grants: { trade: ['main'], observe: [], tool: [] },
    link: { mode: 'listen', address: { host: '127.0.0.1', port: 0 } },
    venue_url: 'http://127.0.0.1:9001',
    guard: {},
  });
});

test('grants are by role and name: engines trade, tools are tools, both observe', () => {
  const text = WHOLE.replace('trade = ["main"]', 'trade = ["main"]\nobserve = ["main", "eye"]\ntool = ["ops"]');
  expect(grantsOf(good(text))).toEqual({
    'engine/main': 'trade',
    'tool/main': 'observe',
    'engine/eye': 'observe',
    'tool/eye': 'observe',
    'tool/ops': 'tool',
  });
});

test('the environment wins over the file, and a flag over both', () => {
  const env = {
    TRUNKLINE_CONNECTOR__NAME: 'edge-2',
    TRUNKLINE_CONNECTOR__LINK__ADDRESS: '127.0.0.1:7',
    TRUNKLINE_ENGINE__X: '1',
  };
  const config = good(WHOLE, env, { name: 'edge-3', 'link.address': undefined });
  expect([config.name, config.link.address.port]).toEqual(['edge-3', 7]);
});

test.each([
  ['name = "edge-1"', 'name = "edge-1"\nregin = "x"', 'did you mean region'],
  ['name = "edge-1"', 'name = 7', 'connector.name'],
  ['name = "edge-1"', 'name = ""', 'connector.name'],
  ['name = "edge-1"', `name = "${'x'.repeat(10_000_00)}"`, 'connector.name'],
  ['tag = "bin"', 'tag = "toolong"', 'connector.tag'],
  ['venue = "binance"', 'venue = "kraken"', 'connector.venue'],
  ['venue = "binance"', 'venue = "binance"\norder_entry = "fix"', 'connector.order_entry'],
  [
    'venue = "binance"',
    'venue = "bitget"\napi_passphrase_env = "PASSPHRASE"\norder_entry = "websocket"',
    'connector.order_entry',
  ],
  ['["BTC/USDT:USDT"]', '[]', 'connector.symbols'],
  ['["BTC/USDT:USDT"]', '["btc"]', 'connector.symbols[0]'],
  ['["BTC/USDT:USDT"]', '["BTC/USDT:USDT", "BTC/USDT:USDT"]', 'connector.symbols'],
  ['mode = "listen"', 'mode = "dial"', 'connector.link.engine'],
  ['mode = "listen"', 'mode = "listen"\nengine = "main"', 'connector.link.engine'],
  ['address = "127.0.0.1:0"', 'address = "127.0.0.1:70000"', 'connector.link.address'],
  ['api_key_file = "key"', '', 'connector.api_key_file'],
  ['api_key_file = "key"', 'api_key_file = "key"\napi_key_env = "KEY"', 'connector.api_key_file'],
  ['venue_url = "http://127.0.0.1:9001"', 'venue_url = "http://user:pw@h/"', 'connector.venue_url'],
  ['venue_url = "http://127.0.0.1:9001"', 'venue_url = "ftp://h"', 'connector.venue_url'],
  ['trade = ["main"]', 'trade = ["main", "main"]', 'connector.grants.trade'],
  [
    'trade = ["main"]',
    'trade = ["main"]\n[connector.guard]\nmax_order_quantity = "NaN"',
    'connector.guard.max_order_quantity',
  ],
])('%s made %s is one short line that names the key', (from, to, key) => {
  const problem = load(WHOLE.replace(from, to));
  if (!(problem instanceof ConfigError)) throw new Error('was accepted');
  expect(problem.message).toContain(key);
  expect(problem.message.length).toBeLessThan(600);
  expect(problem.message).not.toContain('\n');
  expect(problem.exitCode).toBe(2);
});

test('credentials come from a file that others cannot read, or from the named variable', () => {
  const key = join(folder, 'key');
  writeFileSync(key, 'my-key\n');
  chmodSync(key, 0o400);
  const config = good(WHOLE, { TRUNKLINE_CONNECTOR__API_KEY_FILE: key });
  const loaded = loadCredentials(config, { SECRET: 'my-secret' });
  if (loaded instanceof OperatingError) throw loaded;
  expect([loaded.apiKey.reveal(), loaded.apiSecret.reveal()]).toEqual(['my-key', 'my-secret']);
  expect(JSON.stringify(loaded)).not.toContain('my-');
  expect(loadCredentials(config, { SECRET: ' ' })).toMatchObject({
    message: expect.stringContaining('SECRET'),
    exitCode: 2,
  });
  chmodSync(key, 0o444);
  expect(loadCredentials(config, { SECRET: 'x' })).toMatchObject({
    message: expect.stringContaining('api_key_file'),
    exitCode: 2,
  });
});
