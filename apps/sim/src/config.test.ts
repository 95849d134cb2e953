import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@trunkline/kit/operating-error';
import { decimal } from '@trunkline/proto/decimal';
import { loadAccounts, loadSimSection } from './config.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sim-config-'));
  folders.push(folder);
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function problem(result: unknown): string {
  if (!(result instanceof ConfigError)) throw new Error('not refused');
  return result.message;
}

test('the [sim] section counts, the environment wins, and other sections are not looked at', () => {
  const path = file('t.toml', '[engine]\nanything = 1\n[sim]\nsymbols = ["ETHUSDT"]\nport = 4000\n');
  expect(loadSimSection(path, { TRUNKLINE_SIM__PORT: '5000', TRUNKLINE_ENGINE__X: '1' })).toMatchObject({
    symbols: ['ETHUSDT'],
    port: 5_000,
    host: '127.0.0.1',
    seed: 1,
  });
});

test('a wrong key, type or symbol is one line that names it and what is allowed', () => {
  const section = (content: string) => problem(loadSimSection(file('t.toml', `[sim]\n${content}\n`), {}));
  expect(section('symbol = "BTCUSDT"')).toContain('did you mean symbols?');
  expect(section('port = "x"')).toMatch(/sim\.port: is "x"; it must be a number/);
  expect(section('symbols = ["NOPE"]')).toContain('BTCUSDT, ETHUSDT');
  expect(problem(loadSimSection('/nonexistent.toml', {}))).toContain('/nonexistent.toml');
});

test('accounts come from TOML or JSON alike', () => {
  const expected = [
    { name: 'a', apiKey: 'k', apiSecret: 's', canWithdraw: false, balances: { USDT: decimal('100000.5') } },
  ];
  const toml = '[[accounts]]\nname = "a"\napiKey = "k"\napiSecret = "s"\nbalances = { USDT = "100000.50" }\n';
  expect(loadAccounts(file('a.toml', toml))).toEqual(expected);
  const list = [{ name: 'a', apiKey: 'k', apiSecret: 's', balances: { USDT: '100000.5' } }];
  expect(loadAccounts(file('a.json', JSON.stringify(list)))).toEqual(expected);
  expect(loadAccounts(file('a.json', JSON.stringify({ accounts: list })))).toEqual(expected);
});

test('accounts that cannot be served are refused with the reason', () => {
  const account = { name: 'a', apiKey: 'k', apiSecret: 's', balances: { USDT: '1' } };
  const json = (accounts: unknown) => problem(loadAccounts(file('a.json', JSON.stringify(accounts))));
  expect(json([account, { ...account, apiKey: 'other' }])).toContain('name "a" stands twice');
  expect(json([{ ...account, balances: { 'US DT': '1' } }])).toContain('US DT');
  expect(json([{ ...account, uid: 'x' }])).toContain('accounts[0].uid');
  expect(json([{ ...account, balances: { USDT: '-1' } }])).toContain('accounts[0].balances.USDT');
  expect(json([{ ...account, balances: { USDT: 1 } }])).toContain('accounts[0].balances.USDT');
  expect(json([{ ...account, name: 'No Name' }])).toContain('accounts[0].name');
  expect(json([])).toContain('accounts');
  expect(problem(loadAccounts(file('a.json', '{')))).toContain('is not JSON');
  expect(problem(loadAccounts('/nonexistent.json'))).toContain('/nonexistent.json');
});
