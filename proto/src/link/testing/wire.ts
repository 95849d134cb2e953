/** A TCP relay between the two ends of a link, for what networks do: cut every connection, refuse new ones. */
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** Connections relayed so far. */
  readonly count: number;
  /** Ends every connection at once, without TLS or HTTP/2 saying goodbye: what a SIGKILL looks like from outside. */
  cut(): void;
  close(): Promise<void>;
}

export async function relay(toPort: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let count = 0;
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  const server = createServer((near) => {
    count++;
    const far = connect(toPort, '127.0.0.1');
    keep(near, far);
    keep(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    get count() {
      return count;
    },
    cut,
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
