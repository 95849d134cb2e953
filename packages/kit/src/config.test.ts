/** Configuration: values, overrides, and the one line each mistake gives. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal } from '@trunkline/proto/decimal';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { decimalField, durationField, hostPortField, nameField, pathField } from './config-types.ts';
import { ConfigError } from './operating-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const link = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('listen'), address: hostPortField() }),
  z.strictObject({ kind: z.literal('dial'), engine: hostPortField(), retries: z.int().min(0).max(9).default(3) }),
]);
const schema = z.strictObject({
  name: nameField(),
  verbose: z.boolean().default(false),
  engine: z.strictObject({
    grace_ms: durationField({ minMs: 1_000, maxMs: 60_000 }).default(10_000),
    journal: z.strictObject({ path: pathField() }),
    max_notional: decimalField({ above: decimal('0') }).optional(),
    symbols: z.array(z.string()).default([]),
    speed: z.number().min(0.1).max(100).default(1),
  }),
  link: link.optional(),
  accounts: z.record(z.string(), z.strictObject({ venue: z.enum(['binance', 'gate']) })).default({}),
});
const GOOD = 'name = "desk"\n[engine.journal]\npath = "j.db"\n';

function load(toml: string, env: Record<string, string> = {}) {
  const path = join(folder, 'trunkline.toml');
  writeFileSync(path, toml);
  return loadConfig({ schema, path, env, envPrefix: 'TRUNKLINE_' });
}

function problem(toml: string, env: Record<string, string> = {}): string {
  const result = load(toml, env);
  if (!(result instanceof ConfigError)) throw new Error(`accepted: ${JSON.stringify(result)}`);
  expect(result.message).not.toContain('\n');
  expect(result.message.length).toBeLessThan(600);
  expect(result.exitCode).toBe(2);
  return result.message.replaceAll(folder, '');
}

test('a file gives typed values and the defaults of the schema', () => {
  const config = load(`${GOOD}[engine]\ngrace_ms = "1.5s"\nmax_notional = "100.50"\n[accounts.main]\nvenue = "gate"`);
  expect(config).toEqual({
    name: 'desk',
    verbose: false,
    engine: { grace_ms: 1_500, journal: { path: 'j.db' }, max_notional: decimal('100.5'), symbols: [], speed: 1 },
    accounts: { main: { venue: 'gate' } },
  });
});

test('the environment overrides nested keys, coerced to the kind of the schema', () => {
  const config = load(GOOD, {
    TRUNKLINE_VERBOSE: 'true',
    TRUNKLINE_ENGINE__JOURNAL__PATH: '/x',
    TRUNKLINE_ENGINE__GRACE_MS: '5s',
    TRUNKLINE_ENGINE__SPEED: '2.5',
    TRUNKLINE_ENGINE__SYMBOLS: 'BTCUSDT, ETHUSDT',
    TRUNKLINE_LINK__KIND: 'dial',
    TRUNKLINE_LINK__ENGINE: '[::1]:7001',
    TRUNKLINE_LINK__RETRIES: '4',
    TRUNKLINE_ACCOUNTS__MAIN__VENUE: 'gate',
    TRUNKLINE_PARENT_PIPE: '1',
    OTHER: 'x',
  });
  expect(config).toMatchObject({
    verbose: true,
    engine: { journal: { path: '/x' }, grace_ms: 5_000, speed: 2.5, symbols: ['BTCUSDT', 'ETHUSDT'] },
    link: { kind: 'dial', engine: { host: '::1', port: 7001 }, retries: 4 },
    accounts: { main: { venue: 'gate' } },
  });
});

test.each([
  ['an unknown key', `${GOOD}pth = "x"\n`, 'engine.journal: unknown key "pth"; did you mean path? (allowed: path)'],
  ['a wrong type', 'name = 5', 'name: is 5; it must be a name'],
  ['a missing key', 'name = "desk"\n[engine]\n', 'engine.journal: is missing; it must be a table'],
  ['a number out of range', `${GOOD}[engine]\nspeed = 1000`, 'engine.speed: is 1000; it must be at most 100'],
  ['NaN', `${GOOD}[engine]\nspeed = nan`, 'engine.speed: is NaN; it must be a number'],
  [
    'a float for money',
    `${GOOD}[engine]\nmax_notional = 1.5`,
    'engine.max_notional: is 1.5; it must be a decimal number in quotes',
  ],
  ['money that is not above zero', `${GOOD}[engine]\nmax_notional = "0"`, 'above 0'],
  ['a short duration', `${GOOD}[engine]\ngrace_ms = "1ms"`, 'engine.grace_ms: is "1ms"; it must be a duration'],
  ['an empty text', `name = ""\n[engine.journal]\npath = ""`, 'name: is ""; it must be a name'],
  [
    'a value outside of a choice',
    `${GOOD}[accounts.a]\nvenue = "ftx"`,
    'accounts.a.venue: is "ftx"; it must be one of: binance, gate',
  ],
  [
    'an unknown key of a union member',
    `${GOOD}[link]\nkind = "dial"\nengine = "h:1"\nretris = 1`,
    'did you mean retries?',
  ],
  ['a syntax error', 'name = "desk"\nx = = 1\n', 'line 2'],
  ['10 MB of text', `name = "${'x'.repeat(500_000)}"`, '(500000 characters)'],
  ['a file past 1 MiB', `# ${'x'.repeat(10_000_000)}`, 'at most 1048576'],
])('%s gives one line that names the key and what is allowed', (_, toml, words) => {
  expect(problem(toml)).toContain(words);
});

test('a mistake in the environment names the variable', () => {
  expect(problem(GOOD, { TRUNKLINE_ENGINE__JORNAL__PATH: 'x' })).toContain(
    'environment variable TRUNKLINE_ENGINE__JORNAL__PATH: "JORNAL" is not a key; did you mean JOURNAL?',
  );
  expect(problem(GOOD, { TRUNKLINE_ENGINE__SPEED: 'fast' })).toContain(
    'environment variable TRUNKLINE_ENGINE__SPEED: engine.speed: is "fast"; it must be a number',
  );
});

test('a missing file is named', () => {
  const result = loadConfig({ schema, path: join(folder, 'none.toml'), env: {}, envPrefix: 'TRUNKLINE_' });
  expect(result instanceof ConfigError && result.message).toContain('none.toml: no such file');
});
