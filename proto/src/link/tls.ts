/**
 * The certificate, key and authority that one process proves itself with, read from files.
 *
 * T1  What loads is usable: PEM, key and certificate belong together, issued by the given authority, in date, with one identity
 *     in it. Each failure is a value that names the file.
 * T2  A private key that its group or others may read is refused: it is no longer private.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Identity } from './identity.ts';
import { errorCode } from './log.ts';
import { type CertificateRefusal, parseCertificates, verifyCertificate } from './verify.ts';

export interface TlsPaths {
  /** PEM bundle of the authorities to trust: usually one, two while a new one takes over. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface TlsMaterial {
  /** PEM. */
  readonly ca: string;
  /** PEM. */
  readonly cert: string;
  /** PEM. Never logged. */
  readonly key: string;
  readonly authorities: readonly X509Certificate[];
  /** Who this process is, as its own certificate says. */
  readonly identity: Identity;
  /** When our own certificate ends, in milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

export type TlsErrorCode = 'missing' | 'unreadable' | 'not_pem' | 'exposed_key' | 'key_mismatch' | CertificateRefusal;

export interface TlsError {
  readonly ok: false;
  readonly code: TlsErrorCode;
  /** The path at fault. */
  readonly file: string;
  /** One line for an operator. */
  readonly message: string;
}

export type TlsResult = { readonly ok: true; readonly material: TlsMaterial } | TlsError;

type FileResult = { readonly ok: true; readonly text: string } | TlsError;

export async function loadTls(paths: TlsPaths, clock: Clock): Promise<TlsResult> {
  const ca = await read(paths.ca);
  if (!ca.ok) return ca;
  const cert = await read(paths.cert);
  if (!cert.ok) return cert;
  const key = await readKey(paths.key);
  if (!key.ok) return key;

  const authorities = parseCertificates(ca.text);
  if (!authorities) return failure('not_pem', paths.ca, 'holds no PEM certificate');
  const [certificate] = parseCertificates(cert.text) ?? [];
  if (!certificate) return failure('not_pem', paths.cert, 'holds no PEM certificate');
  const privateKey = parseKey(key.text);
  if (!privateKey) return failure('not_pem', paths.key, 'holds no PEM private key');
  if (!certificate.checkPrivateKey(privateKey))
    return failure('key_mismatch', paths.key, `is not the key of ${paths.cert}`);

  const verified = verifyCertificate(certificate, authorities, clock.wallUs() / 1_000);
  if (!verified.ok) return failure(verified.reason, paths.cert, `is refused: ${verified.reason} (${verified.detail})`);
  return {
    ok: true,
    material: {
      ca: ca.text,
      cert: cert.text,
      key: key.text,
      authorities,
      identity: verified.identity,
      expiresAtMs: Date.parse(certificate.validTo),
    },
  };
}

/** TLS 1.3 stands here and not only where a server is made: `setSecureContext` forgets what it is not told again. */
export function secureContextOptions(material: TlsMaterial): SecureContextOptions {
  return { ca: material.ca, cert: material.cert, key: material.key, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' };
}

async function readKey(file: string): Promise<FileResult> {
  try {
    const { mode } = await stat(file);
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    if ((mode & 0o077) !== 0)
      return failure('exposed_key', file, `has mode ${shown}; only its owner may read it (0400)`);
  } catch (error) {
    return unreadable(file, error);
  }
  return read(file);
}

async function read(file: string): Promise<FileResult> {
  try {
    return { ok: true, text: await readFile(file, 'utf8') };
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): TlsError {
  const code = errorCode(error);
  return code === 'ENOENT'
    ? failure('missing', file, 'does not exist')
    : failure('unreadable', file, `cannot be read (${code})`);
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's message may quote what it read; a key's bytes have no place in a log.
    return undefined;
  }
}

function failure(code: TlsErrorCode, file: string, what: string): TlsError {
  return { ok: false, code, file, message: `${file} ${what}` };
}
