/**
 * Who a certificate speaks for. An identity is a role and a name, carried as exactly one URI SAN
 * `spiffe://trunkline/<role>/<name>` plus exactly one DNS SAN `<name>.<role>.trunkline`; the URI decides, and the DNS
 * name is there for gRPC clients of other languages, which insist on one. It must say the same.
 *
 * I1  Anything else in the subjectAltName refuses the certificate, with a closed reason: a certificate that could be
 *     read two ways is read no way.
 * I2  This module reads names only. That the certificate is ours and in date is checked in `verify.ts`.
 */
import type { X509Certificate } from 'node:crypto';

export const ROLES = ['engine', 'connector', 'tool'] as const;
export type Role = (typeof ROLES)[number];

export interface Identity {
  readonly role: Role;
  /** One DNS label of lower-case letters, digits and inner hyphens, at most 32 characters. */
  readonly name: string;
}

/** The two connections of a session: they never wait for each other. */
export const LANES = ['order', 'market'] as const;
export type Lane = (typeof LANES)[number];

export const IDENTITY_REFUSALS = [
  'no_uri_san',
  'many_uri_sans',
  'foreign_uri',
  'bad_name',
  'dns_mismatch',
  'other_san',
] as const;
export type IdentityRefusal = (typeof IDENTITY_REFUSALS)[number];

export type IdentityResult =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: IdentityRefusal; readonly detail: string };

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const URI_PREFIX = 'spiffe://trunkline/';
const DNS_SUFFIX = 'trunkline';
const MAX_DETAIL = 200;

export function isIdentityName(text: string): boolean {
  return NAME.test(text);
}

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

export function identityUri(identity: Identity): string {
  return `${URI_PREFIX}${identity.role}/${identity.name}`;
}

export function identityDnsName(identity: Identity): string {
  return `${identity.name}.${identity.role}.${DNS_SUFFIX}`;
}

/** The TLS server name that asks `server` for `lane`: `order.main.engine.trunkline`. */
export function laneServerName(lane: Lane, server: Identity): string {
  return `${lane}.${identityDnsName(server)}`;
}

/** The lane that a TLS server name asks `server` for; none if it is no lane of this server. */
export function laneOfServerName(serverName: string, server: Identity): Lane | undefined {
  return LANES.find((lane) => laneServerName(lane, server) === serverName);
}

/** Reads the identity out of a certificate's subjectAltName (RFC 5280 4.2.1.6). */
export function parseIdentity(certificate: X509Certificate): IdentityResult {
  const text = certificate.subjectAltName ?? '';
  // A value with a comma or a quote in it is printed quoted, and then starts with no known prefix after the split.
  const entries = text === '' ? [] : text.split(', ');
  const uris = entries.filter((entry) => entry.startsWith('URI:')).map((entry) => entry.slice(4));
  const names = entries.filter((entry) => entry.startsWith('DNS:')).map((entry) => entry.slice(4));
  const [uri] = uris;
  if (uri === undefined) return refusal('no_uri_san', text);
  if (uris.length > 1) return refusal('many_uri_sans', text);
  if (text.includes('"') || uris.length + names.length !== entries.length) return refusal('other_san', text);

  const [role = '', name = '', ...rest] = uri.startsWith(URI_PREFIX) ? uri.slice(URI_PREFIX.length).split('/') : [];
  if (!isRole(role) || rest.length > 0) return refusal('foreign_uri', uri);
  if (!isIdentityName(name)) return refusal('bad_name', uri);
  const identity = { role, name };
  if (names.length !== 1 || names[0] !== identityDnsName(identity)) return refusal('dns_mismatch', text);
  return { ok: true, identity };
}

function refusal(reason: IdentityRefusal, detail: string): IdentityResult {
  return { ok: false, reason, detail: detail.slice(0, MAX_DETAIL) };
}
