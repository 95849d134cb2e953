/** The name in the certificate of a connector that listens, for when nobody said it: read from one TLS handshake. */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Clock } from '@trunkline/proto/clock';
import type { Address } from '@trunkline/proto/link/dialer';
import { HANDSHAKE_TIMEOUT_MS } from '@trunkline/proto/link/options';
import { secureContextOptions, type TlsMaterial } from '@trunkline/proto/link/tls';
import { verifyCertificate } from '@trunkline/proto/link/verify';

export type PeerName = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string };

/** Verified as any peer of ours is: of the given authority, in date, with one identity. */
export function readPeerName(address: Address, material: TlsMaterial, clock: Clock): Promise<PeerName> {
  return new Promise((resolve) => {
    const socket = connect({
      ...address,
      ...secureContextOptions(material),
      ALPNProtocols: ['h2'],
      // The name is what is to be found out; the certificate itself is verified below.
      checkServerIdentity: () => undefined,
    });
    const settle = (result: PeerName) => {
      timer.cancel();
      socket.destroy();
      resolve(result);
    };
    const timer = clock.schedule(HANDSHAKE_TIMEOUT_MS, () =>
      settle({ ok: false, reason: `no TLS handshake within ${HANDSHAKE_TIMEOUT_MS} ms` }),
    );
    socket.once('error', (error) => settle({ ok: false, reason: error.message }));
    socket.once('secureConnect', () => {
      const raw: Buffer | undefined = socket.getPeerCertificate().raw;
      if (raw === undefined) return settle({ ok: false, reason: 'it showed no certificate' });
      const verified = verifyCertificate(new X509Certificate(raw), material.authorities, clock.wallUs() / 1_000);
      settle(verified.ok ? { ok: true, name: verified.identity.name } : { ok: false, reason: verified.reason });
    });
  });
}
