/**
 * The development authority: makes a certificate authority in a state folder and issues certificates from it, for
 * `start`, for tests and for a fleet of one's own. ECDSA P-256; identities as the links want them.
 *
 * C1  Nothing that exists is overwritten: a name that has a certificate is `exists`, until its files are moved away.
 * C2  Keys are 0400 in a folder of mode 0700, and are written before the certificates that need them.
 * C3  The issuing library is loaded by the first call that issues, never by importing this module: `engine run` does
 *     not pay for it.
 */
import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@trunkline/proto/clock';
import { type Identity, identityDnsName, identityUri, isIdentityName } from '@trunkline/proto/link/identity';
import { errorCode } from '@trunkline/proto/link/log';
import type { TlsPaths } from '@trunkline/proto/link/tls';
import { parseCertificates } from '@trunkline/proto/link/verify';
import { type CertsError, exists, failure, prepareFolder, writePrivate } from './folder.ts';

export interface AuthorityOptions {
  /** Made with mode 0700 if it does not exist. */
  readonly folder: string;
  readonly clock: Clock;
  /** 3650 unless told. */
  readonly validDays?: number;
}

export interface IssueOptions extends Identity {
  readonly folder: string;
  readonly clock: Clock;
  /** 365 unless told; cut to the authority's own end. */
  readonly validDays?: number;
}

export type IssueResult = { readonly ok: true; readonly paths: TlsPaths; readonly expiresAtMs: number } | CertsError;

export const AUTHORITY_VALID_DAYS = 3_650;
export const CERTIFICATE_VALID_DAYS = 365;
const MAX_VALID_DAYS = 10_000;
const DAY_MS = 86_400_000;
/** A machine whose clock is a little behind must not refuse a certificate that was made a moment ago. */
const BACKDATE_MS = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const AUTHORITY_NAME = 'CN=Trunkline development authority';

export function authorityPaths(folder: string): { readonly cert: string; readonly key: string } {
  return { cert: join(folder, 'ca.pem'), key: join(folder, 'ca.key') };
}

/** Where the certificate of an identity is kept: what a `[tls]` section of the config names. */
export function certificatePaths(folder: string, { role, name }: Identity): TlsPaths {
  const base = join(folder, `${role}-${name}`);
  return { ca: authorityPaths(folder).cert, cert: `${base}.pem`, key: `${base}.key` };
}

/** Makes `ca.pem` and `ca.key`. */
export async function createAuthority(options: AuthorityOptions): Promise<IssueResult> {
  const { folder, clock, validDays = AUTHORITY_VALID_DAYS } = options;
  const paths = { ...authorityPaths(folder), ca: authorityPaths(folder).cert };
  const refused =
    badDays(validDays) ?? (await prepareFolder(folder)) ?? (await firstThatExists([paths.cert, paths.key]));
  if (refused) return refused;

  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { notBefore, notAfter } = validity(clock, validDays, Number.POSITIVE_INFINITY);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: AUTHORITY_NAME,
    keys,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return store(paths, keys, certificate.toString('pem'), notAfter);
}

/** Makes `<role>-<name>.pem` and `.key`, signed by the folder's authority. */
export async function issueCertificate(options: IssueOptions): Promise<IssueResult> {
  const { folder, clock, role, name, validDays = CERTIFICATE_VALID_DAYS } = options;
  if (!isIdentityName(name)) {
    return failure('bad_name', name, 'must be 1 to 32 lower-case letters, digits and inner hyphens');
  }
  const paths = certificatePaths(folder, { role, name });
  const refused = badDays(validDays) ?? (await firstThatExists([paths.cert, paths.key]));
  if (refused) return refused;
  const authority = await openAuthority(folder, clock);
  if (!authority.ok) return authority;

  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.pem);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { notBefore, notAfter } = validity(clock, validDays, issuer.notAfter.getTime());
  const identity = { role, name };
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}, OU=${role}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Who dials and who listens depends on the link: every certificate is for both.
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: identityUri(identity) },
        { type: 'dns', value: identityDnsName(identity) },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return store(paths, keys, certificate.toString('pem'), notAfter);
}

type OpenAuthority = { readonly ok: true; readonly pem: string; readonly key: webcrypto.CryptoKey } | CertsError;

async function openAuthority(folder: string, clock: Clock): Promise<OpenAuthority> {
  const paths = authorityPaths(folder);
  if (!(await exists(paths.cert)))
    return failure('no_authority', paths.cert, 'does not exist: make an authority first');
  let file = paths.cert;
  try {
    const pem = await readFile(file, 'utf8');
    const [certificate] = parseCertificates(pem) ?? [];
    if (!certificate) return failure('bad_authority', file, 'holds no PEM certificate');
    if (Date.parse(certificate.validTo) <= clock.wallUs() / 1_000) return failure('bad_authority', file, 'has expired');
    file = paths.key;
    const privateKey = createPrivateKey(await readFile(file, 'utf8'));
    if (!certificate.checkPrivateKey(privateKey))
      return failure('bad_authority', file, `is not the key of ${paths.cert}`);
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    return { ok: true, pem, key: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']) };
  } catch (error) {
    // Whatever the parser quotes may be key material: only the code is passed on, and a code it has or has not.
    const code = error instanceof Error && 'syscall' in error ? errorCode(error) : 'no usable P-256 key';
    return failure('bad_authority', file, `cannot be used (${code})`);
  }
}

async function store(
  paths: TlsPaths,
  keys: webcrypto.CryptoKeyPair,
  pem: string,
  notAfter: Date,
): Promise<IssueResult> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const keyPem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'pem',
  });
  const failed =
    (await writePrivate(paths.key, keyPem.toString(), 0o400)) ?? (await writePrivate(paths.cert, `${pem}\n`, 0o444));
  return failed ?? { ok: true, paths, expiresAtMs: notAfter.getTime() };
}

/** Certificates count whole seconds. */
function validity(
  clock: Clock,
  validDays: number,
  latestMs: number,
): { readonly notBefore: Date; readonly notAfter: Date } {
  const nowMs = Math.floor(clock.wallUs() / 1_000_000) * 1_000;
  return {
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(Math.min(nowMs + validDays * DAY_MS, latestMs)),
  };
}

function badDays(validDays: number): CertsError | undefined {
  if (Number.isInteger(validDays) && validDays >= 1 && validDays <= MAX_VALID_DAYS) return undefined;
  return failure('bad_days', String(validDays), `days is not a whole number from 1 to ${MAX_VALID_DAYS}`);
}

async function firstThatExists(files: readonly string[]): Promise<CertsError | undefined> {
  for (const file of files) {
    if (await exists(file)) return failure('exists', file, 'exists and is not overwritten');
  }
  return undefined;
}

/** The library registers its classes by decorators, which need the metadata polyfill to be there first. */
async function library() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
