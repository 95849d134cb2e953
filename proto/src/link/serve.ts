/**
 * The serving side of both links: puts authenticated sockets under a gRPC server, and tells its handlers who is at the
 * other end.
 */

import { X509Certificate } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { type Identity, parseIdentity } from './identity.ts';

export interface SocketServer {
  /** Takes over a socket that has proved its identity. */
  serve(socket: TLSSocket): void;
  /** Takes no more sockets and ends those it has. The gRPC server itself stays the caller's. */
  close(): void;
}

/** Credentials are insecure in name only: TLS is done before a socket gets here. */
export function serveSockets(server: Server): SocketServer {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    serve(socket) {
      // A session that gave its peer up (keepalive, maximum age) ends the socket politely; a stopped peer never answers that.
      socket.once('finish', () => socket.destroy());
      injector.injectConnection(socket);
    },
    close: () => injector.destroy(),
  };
}

/** What `peerIdentity` needs of a gRPC server call; every kind of call has it. */
export interface AuthenticatedCall {
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate };
}

/** Who made this call. Undefined only where the server was bound without the link, as a test may. */
export function peerIdentity(call: AuthenticatedCall): Identity | undefined {
  const raw = call.getAuthContext().sslPeerCertificate?.raw;
  if (raw === undefined) return undefined;
  const result = parseIdentity(new X509Certificate(raw));
  return result.ok ? result.identity : undefined;
}
