/** What certificates a state folder holds, and until when: read with the same eyes as the links. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@trunkline/proto/clock';
import { identityUri } from '@trunkline/proto/link/identity';
import { errorCode } from '@trunkline/proto/link/log';
import { type CertificateRefusal, parseCertificates, verifyCertificate } from '@trunkline/proto/link/verify';
import { authorityPaths } from './authority.ts';
import { type CertsError, failure } from './folder.ts';

export interface ListedCertificate {
  readonly file: string;
  /** `spiffe://...`, or `authority`; undefined where the certificate cannot be read or trusted. */
  readonly identity: string | undefined;
  /** Milliseconds since the Unix epoch; undefined where the file holds no certificate. */
  readonly expiresAtMs: number | undefined;
  /** Negative once expired. */
  readonly daysLeft: number | undefined;
  /** `valid`, or why a link would refuse it. */
  readonly status: 'valid' | 'not_pem' | CertificateRefusal;
}

export type ListResult = { readonly ok: true; readonly certificates: readonly ListedCertificate[] } | CertsError;

const DAY_MS = 86_400_000;

/** The authority first, then the rest by name. */
export async function listCertificates(options: {
  readonly folder: string;
  readonly clock: Clock;
}): Promise<ListResult> {
  const { folder, clock } = options;
  const nowMs = clock.wallUs() / 1_000;
  const authorityFile = authorityPaths(folder).cert;
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.pem')).sort();
    const files = names.map((name) => join(folder, name));
    if (!files.includes(authorityFile))
      return failure('no_authority', authorityFile, 'does not exist: make an authority first');
    const authorities = parseCertificates(await readFile(authorityFile, 'utf8')) ?? [];

    const certificates: ListedCertificate[] = [];
    for (const file of [authorityFile, ...files.filter((other) => other !== authorityFile)]) {
      const [certificate] = parseCertificates(await readFile(file, 'utf8')) ?? [];
      if (!certificate) {
        certificates.push({
          file,
          identity: undefined,
          expiresAtMs: undefined,
          daysLeft: undefined,
          status: 'not_pem',
        });
        continue;
      }
      const expiresAtMs = Date.parse(certificate.validTo);
      const dates = { file, expiresAtMs, daysLeft: Math.floor((expiresAtMs - nowMs) / DAY_MS) };
      if (file === authorityFile) {
        certificates.push({ ...dates, identity: 'authority', status: expiresAtMs < nowMs ? 'expired' : 'valid' });
        continue;
      }
      const verified = verifyCertificate(certificate, authorities, nowMs);
      certificates.push(
        verified.ok
          ? { ...dates, identity: identityUri(verified.identity), status: 'valid' }
          : { ...dates, identity: undefined, status: verified.reason },
      );
    }
    return { ok: true, certificates };
  } catch (error) {
    return failure('bad_folder', folder, `cannot be read (${errorCode(error)})`);
  }
}
