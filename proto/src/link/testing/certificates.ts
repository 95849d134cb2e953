/**
 * Certificates for tests, good and broken: X.509 (RFC 5280) written in DER by hand, since the issuing library is the engine's
 * and it refuses to make the ones that must be refused. ECDSA P-256 with SHA-256, keys made anew each time.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { systemClock } from '../../clock.ts';
import { type Identity, identityDnsName, identityUri } from '../identity.ts';

export interface Authority {
  readonly name: string;
  readonly pem: string;
  readonly privateKey: KeyObject;
}

export interface Issued {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface Shape {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const OID = { ecdsaSha256: '2a8648ce3d040302', commonName: '550403', san: '551d11', basicConstraints: '551d13' };
const DAY_MS = 86_400_000;

export function makeAuthority(name = 'test authority'): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension(OID.basicConstraints, sequence(Buffer.from('0101ff', 'hex')), true);
  const pem = certificate({ subject: name, issuer: name, publicKey, signer: privateKey, extensions: [isAuthority] });
  return { name, pem, privateKey };
}

/** A certificate as the rules ask for it, changed by `shape`. */
export function issue(authority: Authority, identity: Identity, shape: Partial<Shape> = {}): Issued {
  return issueShape(authority, { uris: [identityUri(identity)], dnsNames: [identityDnsName(identity)], ...shape });
}

function issueShape(authority: Authority, shape: Shape): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // GeneralName: rfc822Name [1], dNSName [2], uniformResourceIdentifier [6].
  const names = [
    ...(shape.emails ?? []).map((email) => der(0x81, Buffer.from(email))),
    ...shape.uris.map((uri) => der(0x86, Buffer.from(uri))),
    ...shape.dnsNames.map((name) => der(0x82, Buffer.from(name))),
  ];
  const cert = certificate({
    subject: 'test',
    issuer: authority.name,
    publicKey,
    signer: authority.privateKey,
    extensions: names.length > 0 ? [extension(OID.san, sequence(...names))] : [],
    ...(shape.notBefore && { notBefore: shape.notBefore }),
    ...(shape.notAfter && { notAfter: shape.notAfter }),
  });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Parts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

function certificate(parts: Parts): string {
  const nowMs = systemClock().wallUs() / 1_000;
  const { notBefore = new Date(nowMs - DAY_MS), notAfter = new Date(nowMs + DAY_MS) } = parts;
  const algorithm = sequence(der(0x06, Buffer.from(OID.ecdsaSha256, 'hex')));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name(parts.issuer),
    sequence(time(notBefore), time(notAfter)),
    name(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    ...(parts.extensions.length > 0 ? [der(0xa3, sequence(...parts.extensions))] : []),
  );
  const signature = sign('sha256', body, parts.signer);
  const bits = der(0x03, Buffer.concat([Buffer.from([0]), signature]));
  const base64 = sequence(body, algorithm, bits)
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

function name(commonName: string): Buffer {
  const attribute = sequence(der(0x06, Buffer.from(OID.commonName, 'hex')), der(0x0c, Buffer.from(commonName)));
  return sequence(der(0x31, attribute));
}

/** UTCTime: enough until 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [Buffer.from('0101ff', 'hex')] : [];
  return sequence(der(0x06, Buffer.from(oid, 'hex')), ...flag, der(0x04, value));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), value]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), value]);
}
