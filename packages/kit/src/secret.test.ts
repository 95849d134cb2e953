/** Secrets: every way of printing one, and every file that is refused. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { OperatingError } from './operating-error.ts';
import { readSecretFile, Secret } from './secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, content: string, mode = 0o400): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  chmodSync(path, mode);
  return path;
}

test('a secret prints [redacted] however it is printed', () => {
  const secret = new Secret('hunter2');
  const prints = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    Bun.inspect([secret]),
    format('%s %o %j', secret, secret, secret),
    JSON.stringify(Object.entries(secret)),
  ];
  for (const print of prints) expect(print).not.toContain('hunter2');
  expect(prints[0]).toBe('[redacted]');
  expect(secret.reveal()).toBe('hunter2');
});

test('a secret file is read without the line break at its end', () => {
  const secret = readSecretFile(fileOf('good', 'hunter2\n'));
  expect(secret instanceof Secret && secret.reveal()).toBe('hunter2');
});

test('a file that only the group may read besides its owner is accepted, as systemd shows its credentials', () => {
  expect(readSecretFile(fileOf('group', 'x', 0o440))).toBeInstanceOf(Secret);
});

test.each([
  ['a missing file', () => join(folder, 'none'), 'no such file'],
  ['a path below a file', () => join(fileOf('plain', 'x'), 'y'), 'not a folder'],
  ['an empty file', () => fileOf('empty', ' \n'), 'is empty'],
  ['a file that others may read', () => fileOf('open', 'x', 0o644), 'mode 0644'],
  ['a file of more than 64 KiB', () => fileOf('big', 'x'.repeat(65_537)), '65537 bytes'],
])('%s is refused by name', (_, make, words) => {
  const path = make();
  const result = readSecretFile(path);
  expect(result).toBeInstanceOf(OperatingError);
  expect(result instanceof OperatingError && result.message).toContain(words);
  expect(result instanceof OperatingError && result.message).toContain(path);
});

test('a folder is refused', () => {
  const path = join(folder, 'folder');
  mkdirSync(path, { mode: 0o700 });
  expect(readSecretFile(path)).toBeInstanceOf(OperatingError);
});
