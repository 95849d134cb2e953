/**
 * A gRPC channel over one authenticated socket, whoever opened it.
 *
 * grpc-js makes its own TCP connection and takes none from outside, but it lets credentials turn the connection it made
 * into a secure one (`SecureConnector`, exported as experimental). Ours answers with the socket that it was given. The
 * connection that grpc-js insists on making ends at a doorbell: a Unix socket in a folder of mode 0700 that is rung
 * once, carries nothing, and is gone before the first call. The socket so has no relay in its way.
 *
 * N1  One socket, one channel, one life: it never reconnects. Calls in flight when the socket closes end as UNAVAILABLE.
 * N2  When grpc-js gives the connection up (keepalive, GOAWAY), the socket is destroyed at once. Left to itself, Bun ends it politely and
 *     waits for the peer's end, for ever if the peer is stopped.
 * N3  The channel is handed on only when the peer has spoken HTTP/2 on it: a peer that refuses us after the handshake makes no channel.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import {
  CallCredentials,
  Channel,
  ChannelCredentials,
  type ChannelOptions,
  connectivityState,
  type experimental,
} from '@grpc/grpc-js';
import type { Clock } from '../clock.ts';
import { errorCode } from './log.ts';
import { CHANNEL_OPTIONS, HANDSHAKE_TIMEOUT_MS } from './options.ts';

export type ChannelResult =
  | { readonly ok: true; readonly channel: Channel }
  | {
      readonly ok: false;
      readonly reason: 'doorbell_failed' | 'closed' | 'handshake_timeout' | 'http2_failed';
      readonly detail: string;
    };

/** Takes over `socket`; on a failure it is destroyed. Tests give options of their own. */
export async function openChannel(
  socket: TLSSocket,
  clock: Clock,
  options: ChannelOptions = CHANNEL_OPTIONS,
): Promise<ChannelResult> {
  const doorbell = await hangDoorbell();
  if (!doorbell.ok) {
    socket.destroy();
    return doorbell;
  }
  const channel = new Channel(`unix:${doorbell.path}`, new SocketCredentials(socket), options);
  const result = await ready(channel, socket, clock);
  doorbell.remove();
  if (result.ok) {
    channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, () => socket.destroy());
  } else {
    channel.close();
    socket.destroy();
  }
  return result;
}

/** Resolves once, when the channel is ready or has failed. */
function ready(channel: Channel, socket: TLSSocket, clock: Clock): Promise<ChannelResult> {
  return new Promise((resolve) => {
    const settle = (result: ChannelResult) => {
      timeout.cancel();
      socket.off('close', onClose);
      resolve(result);
    };
    const onClose = () => settle({ ok: false, reason: 'closed', detail: 'the peer closed before HTTP/2 began' });
    const timeout = clock.schedule(HANDSHAKE_TIMEOUT_MS, () => {
      settle({ ok: false, reason: 'handshake_timeout', detail: `no HTTP/2 settings in ${HANDSHAKE_TIMEOUT_MS} ms` });
    });
    socket.once('close', onClose);
    const look = () => {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return settle({ ok: true, channel });
      if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) {
        return settle({ ok: false, reason: 'http2_failed', detail: connectivityState[state] });
      }
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    if (socket.destroyed) onClose();
    else look();
  });
}

class SocketCredentials extends ChannelCredentials {
  #socket: TLSSocket | undefined;

  constructor(socket: TLSSocket) {
    super();
    this.#socket = socket;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): experimental.SecureConnector {
    return {
      connect: (visitor: Socket) => {
        visitor.destroy();
        const socket = this.#socket;
        this.#socket = undefined;
        return socket
          ? Promise.resolve({ socket, secure: true })
          : Promise.reject(new Error('the connection of this channel has ended'));
      },
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => {},
    };
  }
}

type Doorbell =
  | { readonly ok: true; readonly path: string; remove(): void }
  | { readonly ok: false; readonly reason: 'doorbell_failed'; readonly detail: string };

/** Anyone who reaches the doorbell finds a door that closes: nothing is read from it or written to it. */
function hangDoorbell(): Promise<Doorbell> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ ok: false, reason: 'doorbell_failed', detail: errorCode(error) });
    let folder: string;
    try {
      folder = mkdtempSync(join(tmpdir(), 'trunkline-bell-'));
      chmodSync(folder, 0o700);
    } catch (error) {
      return fail(error);
    }
    const path = join(folder, 'bell');
    const server = createServer((visitor) => {
      visitor.on('error', () => {});
      visitor.resume();
    });
    const remove = () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    };
    server.once('error', (error) => {
      remove();
      fail(error);
    });
    server.listen(path, () => resolve({ ok: true, path, remove }));
  });
}
