/**
 * A relay of HTTP and WebSocket messages before a venue that can keep back what the venue's sockets say and hand it over
 * at once: in one write, or with the items of a channel put together into one frame, as the venue itself may do.
 */

export type Handover = 'one_write' | 'one_frame';

export interface FrameRelay {
  readonly url: URL;
  /** From now on nothing that the venue's sockets say gets through. */
  hold(): void;
  /** All that was held, in order, at once; what comes from then on gets through. */
  release(how: Handover): void;
  /** The last frames that got through, oldest first. */
  readonly said: readonly string[];
  /** Says these in one write on the socket that spoke last. */
  inject(texts: readonly string[]): void;
  /** Frames that are held. */
  readonly held: number;
  stop(force: boolean): Promise<void>;
}

const MAX_REMEMBERED = 100;

interface Line {
  readonly url: string;
  far: WebSocket | undefined;
  /** Said by the connector before the other side stood. */
  readonly early: string[];
  held: string[];
}

export function openFrameRelay(simUrl: string): FrameRelay {
  const lines = new Map<Line, Bun.ServerWebSocket<Line>>();
  const said: string[] = [];
  let isHolding = false;
  let speaker: Bun.ServerWebSocket<Line> | undefined;

  const pass = (near: Bun.ServerWebSocket<Line>, text: string) => {
    speaker = near;
    said.push(text);
    if (said.length > MAX_REMEMBERED) said.shift();
    near.send(text);
  };
  const open = (near: Bun.ServerWebSocket<Line>) => {
    const line = near.data;
    lines.set(line, near);
    const far = new WebSocket(line.url);
    line.far = far;
    far.addEventListener('open', () => {
      for (const text of line.early.splice(0)) far.send(text);
    });
    far.addEventListener('message', ({ data }) => {
      if (isHolding) line.held.push(String(data));
      else pass(near, String(data));
    });
    far.addEventListener('close', () => near.close());
  };
  const server = Bun.serve<Line>({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request, self) {
      const { pathname, search } = new URL(request.url);
      const url = `${simUrl}${pathname}${search}`;
      const data: Line = { url: url.replace('http', 'ws'), far: undefined, early: [], held: [] };
      if (self.upgrade(request, { data })) return undefined;
      const body = request.method === 'GET' ? {} : { body: await request.text() };
      return fetch(url, { method: request.method, headers: request.headers, ...body });
    },
    websocket: {
      open,
      message({ data: { far, early } }, text) {
        if (far?.readyState === WebSocket.OPEN) far.send(String(text));
        else early.push(String(text));
      },
      close({ data }) {
        lines.delete(data);
        data.far?.close();
      },
    },
  });

  return {
    url: server.url,
    hold() {
      isHolding = true;
    },
    release(how) {
      isHolding = false;
      for (const [line, near] of lines) {
        const texts = how === 'one_frame' ? together(line.held) : line.held;
        line.held = [];
        near.cork(() => {
          for (const text of texts) near.send(text);
        });
      }
    },
    said,
    inject(texts) {
      speaker?.cork((near) => {
        for (const text of texts) near.send(text);
      });
    },
    get held() {
      return [...lines.keys()].reduce((count, { held }) => count + held.length, 0);
    },
    stop: (force) => server.stop(force),
  };
}

/** Where a venue's frames carry lists: Bitget's `data` under an `arg`, Gate's `result` under a `channel`. */
function together(texts: readonly string[]): string[] {
  const merged = new Map<string, Record<string, unknown>>();
  for (const [index, text] of texts.entries()) {
    const frame = objectOf(text);
    const field = frame !== undefined && Array.isArray(frame['data']) ? 'data' : 'result';
    if (frame === undefined || !Array.isArray(frame[field])) {
      merged.set(String(index), { text });
      continue;
    }
    const key = JSON.stringify([frame['arg'], frame['channel']]);
    const before = merged.get(key)?.[field];
    merged.set(key, { ...frame, [field]: [...(Array.isArray(before) ? before : []), ...frame[field]] });
  }
  return [...merged.values()].map((frame) =>
    typeof frame['text'] === 'string' ? frame['text'] : JSON.stringify(frame),
  );
}

function objectOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  const frame: Record<string, unknown> = JSON.parse(text);
  return frame;
}
