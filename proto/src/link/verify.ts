/**
 * Whether a certificate was issued by one of our authorities, is in date, and says who it speaks for.
 *
 * V1  A leaf is signed by an authority directly; intermediates are refused, as nothing of ours issues them.
 * V2  The TLS library has checked the chain as well. It is checked again here against the authorities of this moment, because a resumed
 *     TLS session skips the library's check.
 */
import { X509Certificate } from 'node:crypto';
import { type Identity, type IdentityRefusal, parseIdentity } from './identity.ts';

export type CertificateRefusal = IdentityRefusal | 'foreign_ca' | 'expired' | 'not_yet_valid';

export type CertificateResult =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: CertificateRefusal; readonly detail: string };

/** `nowMs` is wall time in milliseconds since the Unix epoch. */
export function verifyCertificate(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  nowMs: number,
): CertificateResult {
  const issuer = authorities.find((authority) => issued(authority, certificate));
  if (!issuer) return { ok: false, reason: 'foreign_ca', detail: certificate.issuer };
  for (const { validFrom, validTo, subject } of [certificate, issuer]) {
    if (nowMs < Date.parse(validFrom))
      return { ok: false, reason: 'not_yet_valid', detail: `${subject} from ${validFrom}` };
    if (nowMs > Date.parse(validTo)) return { ok: false, reason: 'expired', detail: `${subject} at ${validTo}` };
  }
  return parseIdentity(certificate);
}

/** The certificates of a PEM bundle, in order; undefined if there are none or one does not parse. */
export function parseCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block));
  } catch {
    // The parser's own words name an ASN.1 offset; that the file is no certificate is all a reader can use.
    return undefined;
  }
}

function issued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
