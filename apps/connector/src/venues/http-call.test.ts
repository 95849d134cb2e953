/** What the runtime does with a request whose kept connection dies: it must not be sent twice. */
import { afterEach, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { systemClock } from '@trunkline/proto/clock';
import { type CallRecord, recordingFetch, withRecord } from './http-call.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** Answers the first request of each connection and drops the connection at the second one, having read it. */
async function fickleServer() {
  const received: string[] = [];
  const made = createServer((socket) => {
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const text = data.toString();
      // A body may come in a packet of its own.
      if (!text.includes('HTTP/1.1')) return;
      received.push(text.slice(0, text.indexOf(' ')));
      if (++requests > 1) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}');
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { received, url: `http://127.0.0.1:${port}/fapi/v1/order` };
}

const send = recordingFetch({ clock: systemClock(), venueUrl: undefined, tap: undefined });

async function call(url: string, method: string): Promise<CallRecord> {
  const record: CallRecord = { admit: undefined };
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: 'price=1' };
  await withRecord(record, () => send(url, { method, ...body })).catch(() => {});
  return record;
}

for (const method of ['POST', 'PUT', 'PATCH']) {
  test(`a ${method} on a connection that is lost before the answer is sent once`, async () => {
    const { received, url } = await fickleServer();
    expect((await call(url, 'GET')).answer).toMatchObject({ status: 200 });
    const record = await call(url, method);
    expect(received).toEqual(['GET', method]);
    // Sent over the kept connection and lost with it, or over one of its own and answered.
    expect(record.answer !== undefined || record.fault !== undefined).toBe(true);
  });
}
