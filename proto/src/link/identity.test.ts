import { describe, expect, test } from 'bun:test';
import { X509Certificate } from 'node:crypto';
import { identityUri, laneOfServerName, laneServerName, parseIdentity } from './identity.ts';
import { issue, makeAuthority } from './testing/certificates.ts';

const authority = makeAuthority();
const engine = { role: 'engine', name: 'main' } as const;
const parse = (shape: Parameters<typeof issue>[2]) =>
  parseIdentity(new X509Certificate(issue(authority, engine, shape).cert));
const reason = (shape: Parameters<typeof issue>[2]) => {
  const result = parse(shape);
  return result.ok ? 'ok' : result.reason;
};

describe('identity of a certificate', () => {
  test('one URI and the DNS name that says the same are an identity', () => {
    expect(parse({})).toEqual({ ok: true, identity: engine });
  });

  test('the order of the two names does not matter to the reader', () => {
    const text = `URI:${identityUri(engine)}, DNS:main.engine.trunkline`;
    expect(new X509Certificate(issue(authority, engine).cert).subjectAltName).toBe(text);
  });

  test.each([
    ['no subjectAltName at all', { uris: [], dnsNames: [] }, 'no_uri_san'],
    ['a DNS name alone', { uris: [] }, 'no_uri_san'],
    ['two URIs', { uris: [identityUri(engine), 'spiffe://trunkline/engine/other'] }, 'many_uri_sans'],
    ['the same URI twice', { uris: [identityUri(engine), identityUri(engine)] }, 'many_uri_sans'],
    ['another trust domain', { uris: ['spiffe://elsewhere/engine/main'] }, 'foreign_uri'],
    ['another scheme', { uris: ['https://trunkline/engine/main'] }, 'foreign_uri'],
    ['an unknown role', { uris: ['spiffe://trunkline/admin/main'] }, 'foreign_uri'],
    ['a longer path', { uris: ['spiffe://trunkline/engine/main/x'] }, 'foreign_uri'],
    ['no name', { uris: ['spiffe://trunkline/engine/'] }, 'bad_name'],
    ['capitals', { uris: ['spiffe://trunkline/engine/Main'] }, 'bad_name'],
    ['a dot in the name', { uris: ['spiffe://trunkline/engine/a.b'] }, 'bad_name'],
    ['a query', { uris: ['spiffe://trunkline/engine/main?x'] }, 'bad_name'],
    ['a name of 33 characters', { uris: [`spiffe://trunkline/engine/${'a'.repeat(33)}`] }, 'bad_name'],
    ['no DNS name', { dnsNames: [] }, 'dns_mismatch'],
    ['two DNS names', { dnsNames: ['main.engine.trunkline', 'localhost'] }, 'dns_mismatch'],
    ['the DNS name of another', { dnsNames: ['other.engine.trunkline'] }, 'dns_mismatch'],
    ['an e-mail address besides', { emails: ['a@b.c'] }, 'other_san'],
  ])('%s is refused', (_, shape, expected) => {
    expect(reason(shape)).toBe(expected);
  });

  test('a URI smuggled into a DNS name, past a comma, is not read as a URI', () => {
    const smuggled = 'main.engine.trunkline, URI:spiffe://trunkline/engine/main';
    expect(reason({ uris: [], dnsNames: [smuggled] })).toBe('no_uri_san');
    expect(reason({ dnsNames: [smuggled] })).toBe('other_san');
  });
});

describe('lanes', () => {
  test('a server name leads back to its lane', () => {
    expect(laneOfServerName(laneServerName('market', engine), engine)).toBe('market');
  });

  test('a lane of another server, and no lane, are none', () => {
    expect(laneOfServerName('order.other.engine.trunkline', engine)).toBeUndefined();
    expect(laneOfServerName('main.engine.trunkline', engine)).toBeUndefined();
    expect(laneOfServerName('', engine)).toBeUndefined();
  });
});
