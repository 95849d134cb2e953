import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@trunkline/proto/clock';
import { loadTls } from '@trunkline/proto/link/tls';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { certificatePaths, createAuthority, issueCertificate } from './authority.ts';
import { listCertificates } from './list.ts';

const clock = systemClock();
const connector = { role: 'connector', name: 'tokyo-1' } as const;
let parent = '';
let folder = '';

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'trunkline-test-'));
  folder = join(parent, 'certs');
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('the development authority', () => {
  test('issues certificates that the links load, with one URI SAN and one DNS SAN', async () => {
    expect(await createAuthority({ folder, clock })).toMatchObject({ ok: true });
    const issued = await issueCertificate({ folder, clock, ...connector, validDays: 30 });
    if (!issued.ok) throw new Error(issued.message);
    const loaded = await loadTls(issued.paths, clock);
    if (!loaded.ok) throw new Error(loaded.message);
    expect(loaded.material.identity).toEqual(connector);
    expect(loaded.material.expiresAtMs).toBe(issued.expiresAtMs);
    const certificate = new X509Certificate(await readFile(issued.paths.cert));
    expect(certificate.subjectAltName).toBe(
      'URI:spiffe://trunkline/connector/tokyo-1, DNS:tokyo-1.connector.trunkline',
    );
    expect(certificate.ca).toBe(false);
  });

  test('keys are 0400 in a folder of mode 0700', async () => {
    await createAuthority({ folder, clock });
    await issueCertificate({ folder, clock, ...connector });
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(join(folder, 'ca.key'))).toBe(0o400);
    expect(await modeOf(certificatePaths(folder, connector).key)).toBe(0o400);
  });

  test('nothing is overwritten: not the authority, not a certificate, not a key that lost its certificate', async () => {
    await createAuthority({ folder, clock });
    const before = await readFile(join(folder, 'ca.pem'), 'utf8');
    const again = await createAuthority({ folder, clock });
    expect(again).toMatchObject({ ok: false, code: 'exists', subject: join(folder, 'ca.pem') });
    expect(await readFile(join(folder, 'ca.pem'), 'utf8')).toBe(before);

    await issueCertificate({ folder, clock, ...connector });
    const { cert, key } = certificatePaths(folder, connector);
    expect(await issueCertificate({ folder, clock, ...connector })).toMatchObject({ code: 'exists', subject: cert });
    await unlink(cert);
    expect(await issueCertificate({ folder, clock, ...connector })).toMatchObject({ code: 'exists', subject: key });
  });

  test.each(['', 'Tokyo', 'a.b', '../ca', 'a/b', '-a', 'a'.repeat(33), 'a\n'])(
    'the name %j is refused',
    async (name) => {
      await createAuthority({ folder, clock });
      expect(await issueCertificate({ folder, clock, role: 'tool', name })).toMatchObject({
        ok: false,
        code: 'bad_name',
      });
    },
  );

  test.each([0, -1, 1.5, Number.NaN, 10_001])('%p days is refused', async (validDays) => {
    expect(await createAuthority({ folder, clock, validDays })).toMatchObject({ ok: false, code: 'bad_days' });
  });

  test('without an authority, or with a broken one, nothing is issued and the file is named', async () => {
    expect(await issueCertificate({ folder, clock, ...connector })).toMatchObject({ code: 'no_authority' });
    await createAuthority({ folder, clock });
    const key = join(folder, 'ca.key');
    await chmod(key, 0o600);
    await writeFile(key, 'secret bytes');
    const refused = await issueCertificate({ folder, clock, ...connector });
    expect(refused).toMatchObject({ ok: false, code: 'bad_authority', subject: key });
    expect(JSON.stringify(refused)).not.toContain('secret bytes');
  });

  test('a folder that others may enter is refused', async () => {
    await chmod(parent, 0o755);
    const refused = await createAuthority({ folder: parent, clock });
    expect(refused).toMatchObject({ ok: false, code: 'bad_folder', subject: parent });
  });

  test('a certificate never outlives its authority', async () => {
    const authority = await createAuthority({ folder, clock, validDays: 10 });
    const issued = await issueCertificate({ folder, clock, ...connector, validDays: 365 });
    if (!authority.ok || !issued.ok) throw new Error('not issued');
    expect(issued.expiresAtMs).toBe(authority.expiresAtMs);
  });
});

describe('the list', () => {
  test('names each certificate with its end, the authority first, and what a link would refuse', async () => {
    const virtual = new VirtualClock({ startUs: Date.now() * 1_000 });
    await createAuthority({ folder, clock: virtual });
    await issueCertificate({ folder, clock: virtual, ...connector, validDays: 5 });
    await issueCertificate({ folder, clock: virtual, role: 'engine', name: 'main', validDays: 50 });
    await writeFile(join(folder, 'zz.pem'), 'nothing');
    virtual.advance(10 * 86_400_000);
    const listed = await listCertificates({ folder, clock: virtual });
    if (!listed.ok) throw new Error(listed.message);
    expect(listed.certificates.map(({ identity, daysLeft, status }) => [identity, daysLeft, status])).toEqual([
      ['authority', 3_639, 'valid'],
      [undefined, -6, 'expired'],
      ['spiffe://trunkline/engine/main', 39, 'valid'],
      [undefined, undefined, 'not_pem'],
    ]);
  });

  test('a folder without an authority, and no folder, are errors that name it', async () => {
    expect(await listCertificates({ folder: parent, clock })).toMatchObject({ ok: false, code: 'no_authority' });
    expect(await listCertificates({ folder, clock })).toMatchObject({ ok: false, code: 'bad_folder', subject: folder });
  });
});

test('importing the module does not load the issuing library', async () => {
  const script = `await import(${JSON.stringify(join(import.meta.dir, 'authority.ts'))});
    await import(${JSON.stringify(join(import.meta.dir, 'list.ts'))});
    process.exit(typeof Reflect.getMetadata === 'function' ? 1 : 0);`;
  const { exitCode } = Bun.spawnSync([process.execPath, '-e', script]);
  expect(exitCode).toBe(0);
});
