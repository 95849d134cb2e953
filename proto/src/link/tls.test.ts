import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../virtual-clock.ts';
import { issue, makeAuthority } from './testing/certificates.ts';
import { memoryLog, until } from './testing/rig.ts';
import { loadTls } from './tls.ts';
import { watchTls } from './tls-source.ts';

const authority = makeAuthority();
const identity = { role: 'engine', name: 'main' } as const;
const good = issue(authority, identity);
const clockNow = () => new VirtualClock({ startUs: Date.now() * 1_000 });
let folder = '';
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a set of files, each with a fresh name. */
async function files(change: { ca?: string; cert?: string; key?: string; keyMode?: number } = {}) {
  const base = join(folder, String(count++));
  const paths = { ca: `${base}-ca.pem`, cert: `${base}.pem`, key: `${base}.key` };
  await writeFile(paths.ca, change.ca ?? authority.pem);
  await writeFile(paths.cert, change.cert ?? good.cert);
  await writeFile(paths.key, change.key ?? good.key, { mode: 0o600 });
  await chmod(paths.key, change.keyMode ?? 0o400);
  return paths;
}

async function codeOf(change: Parameters<typeof files>[0], file: 'ca' | 'cert' | 'key') {
  const paths = await files(change);
  const result = await loadTls(paths, clockNow());
  if (result.ok) return 'ok';
  expect(result.file).toBe(paths[file]);
  expect(result.message).toStartWith(paths[file]);
  expect(result.message).not.toContain('\n');
  return result.code;
}

describe('loading', () => {
  test('a matching set loads, with the identity and the end of its certificate', async () => {
    const result = await loadTls(await files(), clockNow());
    if (!result.ok) throw new Error(result.message);
    expect(result.material.identity).toEqual(identity);
    expect(result.material.expiresAtMs).toBeGreaterThan(Date.now());
  });

  test.each(['ca', 'cert', 'key'] as const)('a missing %s file is named', async (file) => {
    const paths = await files();
    await rm(paths[file]);
    expect(await loadTls(paths, clockNow())).toMatchObject({ ok: false, code: 'missing', file: paths[file] });
  });

  test('a folder in place of a file is unreadable', async () => {
    const paths = await files();
    const result = await loadTls({ ...paths, cert: folder }, clockNow());
    expect(result).toMatchObject({ ok: false, code: 'unreadable', file: folder });
  });

  test('text that is no PEM is refused for each file', async () => {
    expect(await codeOf({ ca: 'x' }, 'ca')).toBe('not_pem');
    expect(await codeOf({ cert: good.key }, 'cert')).toBe('not_pem');
    expect(await codeOf({ key: good.cert }, 'key')).toBe('not_pem');
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(await codeOf({ cert: broken }, 'cert')).toBe('not_pem');
  });

  test('the key of another certificate is refused, and no byte of it is printed', async () => {
    const other = issue(authority, identity);
    expect(await codeOf({ key: other.key }, 'key')).toBe('key_mismatch');
  });

  test.each([0o440, 0o404, 0o644])('a key of mode %o is exposed', async (keyMode) => {
    expect(await codeOf({ keyMode }, 'key')).toBe('exposed_key');
  });

  test('an expired, an early and a foreign certificate are refused before any connection is made', async () => {
    const day = 86_400_000;
    const expired = issue(authority, identity, {
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() - day),
    });
    const early = issue(authority, identity, {
      notBefore: new Date(Date.now() + day),
      notAfter: new Date(Date.now() + 2 * day),
    });
    const foreign = issue(makeAuthority(), identity);
    expect(await codeOf(expired, 'cert')).toBe('expired');
    expect(await codeOf(early, 'cert')).toBe('not_yet_valid');
    expect(await codeOf(foreign, 'cert')).toBe('foreign_ca');
    expect(await codeOf(issue(authority, identity, { dnsNames: [] }), 'cert')).toBe('dns_mismatch');
  });

  test('a certificate that was not signed by an authority cannot act as one', async () => {
    const selfMade = issue(authority, identity);
    expect(await codeOf({ ...selfMade, ca: selfMade.cert }, 'cert')).toBe('foreign_ca');
  });

  test('while authorities change over, a bundle of both serves certificates of either', async () => {
    const next = makeAuthority('next authority');
    const bundle = `${authority.pem}\n${next.pem}`;
    expect(await codeOf({ ca: bundle }, 'cert')).toBe('ok');
    expect(await codeOf({ ...issue(next, identity), ca: bundle }, 'cert')).toBe('ok');
  });
});

describe('watching', () => {
  async function replace(path: string, text: string) {
    await writeFile(`${path}.new`, text, { mode: 0o400 });
    await rename(`${path}.new`, path);
  }

  test('a renewed certificate becomes the current one, a half-written one changes nothing and is said once', async () => {
    const paths = await files();
    const clock = clockNow();
    const log = memoryLog();
    const watched = await watchTls({ paths, clock, log, intervalMs: 1_000 });
    if (!watched.ok) throw new Error(watched.message);
    const { source } = watched;
    const seen: string[] = [];
    source.onChange((material) => seen.push(material.cert));
    const look = async () => {
      clock.advance(1_000);
      await until(() => clock.pending === 1, 'the next look to be scheduled');
    };

    const renewed = issue(authority, identity);
    await replace(paths.cert, renewed.cert);
    await look();
    await look();
    expect(source.current().cert).toBe(good.cert);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);

    await replace(paths.key, renewed.key);
    await look();
    await look();
    expect(source.current().cert).toBe(renewed.cert);
    expect(seen).toEqual([renewed.cert]);

    source.close();
    expect(clock.pending).toBe(0);
  });

  test('files that do not load at first are an error, not a source', async () => {
    const paths = await files({ cert: 'x' });
    const result = await watchTls({ paths, clock: clockNow(), log: memoryLog() });
    expect(result).toMatchObject({ ok: false, code: 'not_pem' });
  });
});
