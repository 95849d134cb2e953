/**
 * The traps of the client library under this runtime, each with the test that fails without its remedy.
 *
 * | trap | remedy | test |
 * |---|---|---|
 * | a connect timeout throws within a timer and ends the process | `transport.ts` T2 | venue-binance-streams: "a socket that never comes up ..." |
 * | the throttler spaces orders by 200 ms | `ccxt-client.ts` C2 | here |
 * | a consumer that awaits between two watch calls loses what came | `ccxt-client.ts` C1 | here, twice |
 * | a book's second snapshot is merged into the stale book | `book-sync.ts` B7 | book-sync: "a second snapshot replaces the book whole ..." |
 * | one failed loadMarkets fails every later one | `binance/markets.ts` | venue-binance: "a venue that is away at first ..." |
 * | listenKeyExpired is ignored | `binance/venue.ts` | venue-binance-streams: "an expired listen key ..." |
 * | a dead peer is noticed after minutes, and its socket stays | `transport.ts` T3, socketPingMs | here |
 * | reconnects wait for up to a minute | `market-feed.ts`, `private-stream.ts` | venue-binance-streams: "a closed socket ..." |
 * | a dropped socket rejects promises that nobody awaits, which ends the process | `market-feed.ts` F2 | here |
 * | spot's user stream makes a promise that nobody awaits | `binance/client.ts` | venue-resilience: "... never answered for a while" |
 * | lost connections look like refusals | `error-table.ts` P2 | venue-binance-orders: "a server error, a timeout ..." |
 * | one subscription is kept for every order sent | `socket-call.ts` S5 | socket-call: "a thousand answered requests ..." |
 * | every book asks for a snapshot at a reconnect, all at once | `rate-budget.ts` R2, `market-feed.ts` | snapshot-burst |
 * | long ids lose digits | `fields.ts` F3 | fields: "an id of 17 digits stays exact" |
 */
import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Channel, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderStatus } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { acceptedOrder, admit, casesOf, fillsOf, limit, marketOf, ordersOf } from './support/venue-orders.ts';
import { rigPerTest, SYMBOL, VENUE_SYMBOL } from './support/venue-rig.ts';

const { open, ready } = rigPerTest();

test('orders by REST are not spaced by the throttler, which keeps 200 ms between two', async () => {
  const { venue } = await ready({ orderEntry: 'rest' });
  acceptedOrder(await venue.place(limit({ price: '58000' }), admit));
  const orders = Array.from({ length: 10 }, () => venue.place(limit({ price: '58000' }), admit));
  const posted = (await Promise.all(orders)).map(({ postedAtUs }) => postedAtUs ?? Number.NaN);
  expect((Math.max(...posted) - Math.min(...posted)) / 1_000).toBeLessThan(9 * 100);
});

test('ten thousand trades of one second arrive complete and in order', async () => {
  const count = 10_000;
  const trade = (id: number) =>
    JSON.stringify({
      ...{ e: 'trade', E: 1_700_000_000_000, T: 1_700_000_000_000, s: VENUE_SYMBOL, t: id, p: '60000.1', q: '0.001' },
      ...{ X: 'MARKET', m: id % 2 === 0 },
    });
  const rig = await ready({
    behind: (simUrl) =>
      scriptedSockets(simUrl, (send, text) => {
        const frame: { id?: unknown; params?: unknown } = JSON.parse(text);
        send(JSON.stringify({ result: null, id: frame.id }));
        if (String(frame.params).includes('@trade')) for (let id = 1; id <= count; id++) send(trade(id));
      }),
  });
  rig.venue.subscribe(Topic.fromPartial({ channel: Channel.TRADES, symbol: SYMBOL }));
  await rig.until(() => {
    const last = rig.events.at(-1);
    const event = last?.kind === 'market' ? last.event.event : undefined;
    return event?.$case === 'trade' && event.value.tradeId === String(count);
  }, 'the last trade');
  const ids = marketOf(rig.events, Channel.TRADES).flatMap(({ event }) =>
    event?.$case === 'trade' ? [Number(event.value.tradeId)] : [],
  );
  expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('new, partial, partial and filled in one write arrive whole, each fill after its order', async () => {
  const base = {
    ...{ s: VENUE_SYMBOL, c: 'burst', S: 'BUY', o: 'LIMIT', f: 'GTC', q: '3', p: '60000', ap: '0', sp: '0', i: 8 },
    ...{ T: 1_700_000_000_000, b: '0', a: '0', m: false, R: false, wt: 'CONTRACT_PRICE', ot: 'LIMIT', ps: 'BOTH' },
  };
  const step = (x: string, X: string, filled: string, last: string, t: number) =>
    JSON.stringify({
      ...{ e: 'ORDER_TRADE_UPDATE', E: 1_700_000_000_001, T: 1_700_000_000_000 },
      o: { ...base, x, X, z: filled, l: last, L: '60000', n: '0.1', N: 'USDT', t },
    });
  const rig = await ready({
    behind: (simUrl) =>
      scriptedSockets(
        simUrl,
        () => {},
        (send) => {
          send(step('NEW', 'NEW', '0', '0', 0));
          send(step('TRADE', 'PARTIALLY_FILLED', '1', '1', 1));
          send(step('TRADE', 'PARTIALLY_FILLED', '2', '1', 2));
          send(step('TRADE', 'FILLED', '3', '1', 3));
        },
      ),
  });
  await rig.until(() => fillsOf(rig.events, 'burst').length === 3, 'three fills');
  expect(ordersOf(rig.events, 'burst').map(({ status, filledQuantity }) => [status, filledQuantity])).toEqual([
    [OrderStatus.OPEN, '0'],
    [OrderStatus.PARTIALLY_FILLED, '1'],
    [OrderStatus.PARTIALLY_FILLED, '2'],
    [OrderStatus.FILLED, '3'],
  ]);
  const kinds = rig.events.flatMap(({ kind }) => (kind === 'order' || kind === 'fill' ? [kind] : []));
  expect(kinds).toEqual(['order', 'order', 'fill', 'order', 'fill', 'order', 'fill']);
});

test('a peer that took the socket and is dead is noticed by its missing pongs, and another socket is opened', async () => {
  const sockets: Socket[] = [];
  const rig = await open({
    timings: { socketPingMs: 40 },
    orderEntry: 'rest',
    behind: (simUrl) => deadSockets(simUrl, sockets),
  });
  await rig.venue.start();
  await rig.until(() => rig.venue.status.state !== VenueState.READY, 'the loss of the stream');
  await rig.until(() => sockets.length >= 2, 'another socket');
  const [first] = sockets;
  await rig.until(() => first?.destroyed === true, 'the end of the dead one');
});

test('sockets dropped with every promise pending reject into nobody\u2019s face', async () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const rig = await ready();
  const channels = [Channel.BOOK, Channel.BEST_QUOTE, Channel.TRADES, Channel.TICKER, Channel.MARK_PRICE];
  for (const channel of channels) rig.venue.subscribe(Topic.fromPartial({ channel, symbol: SYMBOL }));
  await rig.until(() => casesOf(marketOf(rig.events, Channel.BOOK)).includes('bookUpdate'), 'a book');
  await rig.fault({ kind: 'close_sockets', sockets: 'market' });
  await rig.fault({ kind: 'close_sockets', sockets: 'user' });
  await rig.until(() => casesOf(marketOf(rig.events, Channel.BOOK)).includes('gap'), 'the gap');
  await rig.until(() => rig.events.some((event) => event.kind === 'private_gap'), 'the stream again');
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
});

type Send = (text: string) => void;

/** REST of the sim, and sockets that are played by hand: `heard` for what is sent to them, `began` for private ones. */
function scriptedSockets(
  simUrl: string,
  heard: (send: Send, text: string) => void,
  began: (send: Send) => void = () => {},
) {
  return Bun.serve<{ readonly isPrivate: boolean }>({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      if (server.upgrade(request, { data: { isPrivate: pathname.startsWith('/private/') } })) return undefined;
      const body = request.method === 'GET' ? {} : { body: await request.text() };
      return fetch(`${simUrl}${pathname}${search}`, { method: request.method, headers: request.headers, ...body });
    },
    websocket: {
      open: (peer) => {
        if (peer.data.isPrivate) peer.cork(() => began((text) => peer.send(text)));
      },
      message: (peer, text) => {
        if (!peer.data.isPrivate) peer.cork(() => heard((out) => peer.send(out), String(text)));
      },
    },
  });
}

/** REST of the sim, and sockets that are accepted and then neither read nor written. */
function deadSockets(simUrl: string, accepted: Socket[]) {
  const sim = new URL(simUrl);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const [, key] = /^sec-websocket-key: *(.+)\r$/im.exec(head.toString('latin1')) ?? [];
      if (key === undefined) {
        const upstream = connect(Number(sim.port), sim.hostname);
        upstream.on('error', () => socket.destroy());
        upstream.write(head);
        socket.pipe(upstream).pipe(socket);
        return;
      }
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write([...answer, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
      accepted.push(socket);
      // Read and forgotten: pings get no pong, a close frame no answer.
      socket.resume();
    });
  });
  server.listen(0, '127.0.0.1');
  const { port } = addressOf(server.address());
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    async stop() {
      for (const socket of accepted) socket.destroy();
      server.close();
    },
  };
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}
