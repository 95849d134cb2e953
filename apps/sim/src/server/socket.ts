/**
 * What a venue sees of one WebSocket, and what it does with it.
 *
 * W1  `send` never queues without bound: past `MAX_BUFFERED_BYTES` unread by the peer the socket is dropped.
 * W2  After `closed` nothing more is asked of a handler, and `send` and `close` do nothing.
 */

/** A reader that is this far behind is dropped, as venues do. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

export interface Socket {
  send(text: string): void;
  /** With a close handshake. */
  close(code: number, reason: string): void;
  /** Without one, as a lost connection. */
  drop(): void;
}

export interface SocketHandler {
  message(text: string): void;
  closed(): void;
}

/** Begins the service of one accepted socket. */
export type AcceptSocket = (socket: Socket, peer: { readonly ip: string }) => SocketHandler;

export interface SocketTiming {
  /** How often the server pings. */
  readonly pingMs: number;
  /** A peer that has not ponged for so long is dropped. */
  readonly pongTimeoutMs: number;
  /** A connection that has lived so long is closed. */
  readonly lifetimeMs: number;
}
