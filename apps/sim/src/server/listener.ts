/**
 * One loopback HTTP and WebSocket listener. It knows nothing of venues: an `App` answers requests and accepts sockets.
 *
 * H1  Pings, the wait for pongs, and the connection's lifetime run on the given clock.
 * H2  `close` drops every socket and stops accepting; it waits for no peer.
 */

import { fromSystemError, type OperatingError } from '@trunkline/kit/operating-error';
import type { Clock, Timer } from '@trunkline/proto/clock';
import { type AcceptSocket, MAX_BUFFERED_BYTES, type Socket, type SocketHandler, type SocketTiming } from './socket.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Bun's greatest: longer than any scripted delay of an answer. */
const IDLE_SECONDS = 255;

export interface App {
  fetch(request: Request, peer: { readonly ip: string }): Promise<Response>;
  /** Undefined refuses the upgrade: the request is then an ordinary one. */
  upgrade(url: URL): AcceptSocket | undefined;
}

export interface Listener {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly timing: SocketTiming;
  readonly app: App;
  /** The app threw: its request is answered with 500, and this is told why. */
  readonly onBug: (bug: unknown) => void;
}

interface Attached {
  readonly accept: AcceptSocket;
  readonly ip: string;
  service: Service | undefined;
}

interface Service {
  readonly handler: SocketHandler;
  pong(): void;
  end(): void;
}

export function listen(options: ListenOptions): Listener | OperatingError {
  const { host, port, app } = options;
  try {
    const server = Bun.serve<Attached>({
      hostname: host,
      port,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: MAX_BODY_BYTES,
      // Bun's development mode answers errors with a page that shows source code.
      development: false,
      // Outside development mode Bun lets processes share a port; a port in use must be an error.
      reusePort: false,
      error(bug) {
        options.onBug(bug);
        return new Response(null, { status: 500 });
      },
      fetch(request, self) {
        const ip = self.requestIP(request)?.address ?? '0.0.0.0';
        if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') {
          const accept = app.upgrade(new URL(request.url));
          if (accept !== undefined && self.upgrade(request, { data: { accept, ip, service: undefined } }))
            return undefined;
        }
        return app.fetch(request, { ip });
      },
      websocket: {
        // Pings are ours (H1), and so is the bound on what a slow reader makes us hold (W1).
        sendPings: false,
        idleTimeout: 0,
        maxPayloadLength: MAX_BODY_BYTES,
        backpressureLimit: 2 * MAX_BUFFERED_BYTES,
        open(connection) {
          connection.data.service = serve(connection, options);
        },
        message(connection, data) {
          connection.data.service?.handler.message(typeof data === 'string' ? data : data.toString('utf8'));
        },
        pong(connection) {
          connection.data.service?.pong();
        },
        close(connection) {
          connection.data.service?.end();
          connection.data.service = undefined;
        },
      },
    });
    return { url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`, close: () => server.stop(true) };
  } catch (error) {
    const problem = fromSystemError(error, `${host}:${port}`);
    if (problem === undefined) throw error;
    return problem;
  }
}

function serve(connection: Bun.ServerWebSocket<Attached>, { clock, timing }: ListenOptions): Service {
  let open = true;
  let pinging: Timer | undefined;
  let heardUs = clock.monotonicUs();

  const socket: Socket = {
    send(text) {
      if (!open) return;
      connection.send(text);
      if (connection.getBufferedAmount() > MAX_BUFFERED_BYTES) connection.terminate();
    },
    close(code, reason) {
      if (open) connection.close(code, reason);
    },
    drop() {
      if (open) connection.terminate();
    },
  };
  const ping = () => {
    if (clock.monotonicUs() - heardUs > timing.pongTimeoutMs * 1_000) return connection.terminate();
    connection.ping(String(Math.floor(clock.wallUs() / 1_000)));
    pinging = clock.schedule(timing.pingMs, ping);
  };
  pinging = clock.schedule(timing.pingMs, ping);
  const ageing = clock.schedule(timing.lifetimeMs, () => socket.close(1001, 'connection lifetime reached'));
  const handler = connection.data.accept(socket, { ip: connection.data.ip });

  return {
    handler,
    pong() {
      heardUs = clock.monotonicUs();
    },
    end() {
      if (!open) return;
      open = false;
      pinging?.cancel();
      ageing.cancel();
      handler.closed();
    },
  };
}
