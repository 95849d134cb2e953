/** The README's configurations are what the programs take. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConnectorConfig } from '../apps/connector/src/config.ts';
import { loadEngineConfig } from '../apps/engine/src/config.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The TOML block of the README that follows the mention of this file. */
function written(name: string): string {
  const [, text] = readme.slice(readme.indexOf(`(\`${name}\`):`)).split(/^```(?:toml)?$/m);
  const path = join(folder, name);
  writeFileSync(path, text ?? '');
  return path;
}

test('connector and engine take the configurations that the README shows, and fit together', () => {
  const connector = loadConnectorConfig(written('connector.toml'), {});
  const engine = loadEngineConfig(written('engine.toml'), {});
  if (connector instanceof Error) throw connector;
  if (engine instanceof Error) throw engine;
  const [account] = engine.accounts;
  expect(account).toMatchObject({ connector: connector.name, name: connector.account, tag: connector.tag });
  expect(account?.symbols).toEqual(connector.symbols);
  expect(engine.strategies).toMatchObject([{ account: account?.name, symbol: account?.symbols[0] }]);
});

test('a spot connector of a venue with a passphrase needs no more than the README says', () => {
  const path = written('connector.toml');
  const spot = readFileSync(path, 'utf8')
    .replace('venue = "binance"', 'venue = "bitget"')
    .replace('market = "perpetual"', 'market = "spot"')
    .replace('"BTC/USDT:USDT"', '"BTC/USDT"')
    .replace('api_secret_file', 'api_passphrase_file = "bitget.passphrase"\napi_secret_file');
  writeFileSync(path, spot);
  expect(loadConnectorConfig(path, {})).toMatchObject({ venue: 'bitget', market: 'spot', symbols: ['BTC/USDT'] });
});
