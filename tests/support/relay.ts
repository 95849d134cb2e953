/**
 * A TCP relay before a venue that can go bad in the ways in which networks do, with every connection left standing.
 *
 * R1  Frozen connections carry nothing any more, in either direction, and neither end is told. New ones are relayed.
 * R2  While upgrades are held, a new WebSocket is accepted and never answered; plain requests are relayed.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly url: URL;
  /** R1. */
  freeze(): void;
  /** Drops every connection, without a close handshake. */
  cut(): void;
  /** R2. */
  holdUpgrades(): void;
  /** New WebSockets are relayed again; those that were held stay so. */
  passUpgrades(): void;
  /** WebSockets that were accepted and not answered. */
  readonly held: number;
  stop(force: boolean): Promise<void>;
}

interface Line {
  readonly near: Socket;
  readonly far: Socket;
  frozen: boolean;
}

export async function openRelay(targetUrl: string): Promise<Relay> {
  const target = new URL(targetUrl);
  const lines = new Set<Line>();
  const heldSockets = new Set<Socket>();
  let isHolding = false;
  let held = 0;

  const join = (near: Socket, head: Buffer) => {
    const far = connect(Number(target.port), target.hostname);
    const line: Line = { near, far, frozen: false };
    lines.add(line);
    const ended = (other: Socket) => () => {
      if (line.frozen) return;
      lines.delete(line);
      other.destroy();
    };
    near.on('close', ended(far));
    far.on('close', ended(near));
    far.on('error', () => {});
    far.write(head);
    near.pipe(far).pipe(near);
  };
  const server = createServer((near) => {
    near.on('error', () => {});
    near.once('data', (head: Buffer) => {
      if (!isHolding || !/^upgrade: *websocket\r$/im.test(head.toString('latin1'))) return join(near, head);
      held++;
      heldSockets.add(near);
      near.resume();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())));
  });

  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    freeze() {
      for (const line of lines) {
        line.frozen = true;
        line.near.unpipe(line.far).pause();
        line.far.unpipe(line.near).pause();
      }
    },
    cut() {
      for (const { near, far } of lines) {
        near.destroy();
        far.destroy();
      }
    },
    holdUpgrades() {
      isHolding = true;
    },
    passUpgrades() {
      isHolding = false;
    },
    get held() {
      return held;
    },
    async stop() {
      for (const { near, far } of lines) {
        near.destroy();
        far.destroy();
      }
      for (const socket of heldSockets) socket.destroy();
      server.close();
    },
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
