/** A TCP relay between the two ends of a link, for what networks do: cut every connection, or go silent. */
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** Connections relayed so far. */
  readonly count: number;
  /** Ends every connection at once, without TLS or HTTP/2 saying goodbye: what a SIGKILL looks like from outside. */
  cut(): void;
  /** The connections of now pass nothing on any more and stay open, also when an end closes: a SIGSTOP, a pulled cable. */
  freeze(): void;
  close(): Promise<void>;
}

export async function relay(toPort: number): Promise<Wire> {
  const sockets = new Map<Socket, { frozen: boolean }>();
  let count = 0;
  const keep = (socket: Socket, other: Socket) => {
    const state = { frozen: false };
    sockets.set(socket, state);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (state.frozen || other.write(bytes)) return;
      socket.pause();
      other.once('drain', () => socket.resume());
    });
    socket.once('end', () => state.frozen || other.end());
    socket.once('close', () => {
      sockets.delete(socket);
      if (!state.frozen) other.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    count++;
    const far = connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true });
    keep(near, far);
    keep(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of sockets.keys()) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    get count() {
      return count;
    },
    cut,
    freeze() {
      for (const state of sockets.values()) state.frozen = true;
    },
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
