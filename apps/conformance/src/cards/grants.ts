/** GRT: who may do what, by the certificate alone. */
import {
  CancelAllOrdersRequest,
  CancelOrderRequest,
  PlaceOrderRequest,
  ExchangeServiceService as Service,
  SetLeverageRequest,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { OrderStatus, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason, SessionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import { caller, method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expectAccepted } from '../suite/fates.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { IMPOSSIBLE, makeEvents } from './session.ts';

async function placeRequest(bench: Bench): Promise<PlaceOrderRequest> {
  return PlaceOrderRequest.fromPartial({ order: bench.orders.resting(Side.BUY, await bench.quote()) });
}

const observerTrades: Card = {
  id: 'GRT-01',
  title: 'Whoever may observe may not trade',
  manner: 'session',
  needs: [caller('observer')],
  action: 'As the observer: hello to trade; PlaceOrder; SetLeverage where it is served.',
  expected: ['the stream fails with NOT_GRANTED', 'NOT_GRANTED for each call'],
  async run(bench) {
    const stream = await bench.tradeStream({ caller: 'observer' });
    stream.send(bench.hello({ epoch: bench.nextEpoch() }));
    const notGranted = ErrorReason[ErrorReason.NOT_GRANTED];
    expectEqual(await stream.ending('the stream to be refused'), notGranted, 'the end of the stream');
    const { methods } = bench.target.capabilities;
    if (methods.includes('PlaceOrder')) {
      const refusal = await bench.refusal(Service.placeOrder, await placeRequest(bench), 'observer');
      expectEqual(refusal.reasonName, notGranted, 'the refusal of PlaceOrder');
    }
    if (methods.includes('SetLeverage')) {
      const request = SetLeverageRequest.fromPartial({ symbol: bench.symbol, leverage: 1 });
      const refusal = await bench.refusal(Service.setLeverage, request, 'observer');
      expectEqual(refusal.reasonName, notGranted, 'the refusal of SetLeverage');
    }
  },
};

const observerReads: Card = {
  id: 'GRT-02',
  title: 'Whoever may observe may read',
  manner: 'beside',
  needs: [caller('observer'), method('GetBalances')],
  action: 'As the observer: Describe, GetBalances.',
  expected: ['answers'],
  async run(bench) {
    await bench.call(Service.describe, {}, 'observer');
    await bench.call(Service.getBalances, {}, 'observer');
  },
};

const observersSeeAll: Card = {
  id: 'GRT-03',
  title: "An observing stream sees the trading session's events under the same numbers, and may not command",
  manner: 'session',
  needs: [],
  action:
    'Open an observing stream and a session; send three commands in the session, and one on the observing stream.',
  expected: [
    'a welcome without credit',
    'the same events on both',
    'the observing stream fails with NOT_GRANTED; the session goes on',
  ],
  async run(bench) {
    const observer = await bench.session({ mode: SessionMode.OBSERVE, epoch: 0 });
    expectEqual([observer.welcome.commandCredit, observer.welcome.cancelCredit], [0, 0], 'the credit of an observer');
    const session = await bench.session();
    await makeEvents(session, 3);
    const results = session.events.filter(({ event }) => event?.$case === 'result').map(({ seq }) => seq);
    await observer.stream.until(
      () => {
        const seen = new Set(observer.events.map(({ seq }) => seq));
        return results.every((seq) => seen.has(seq)) || undefined;
      },
      `events ${results.join(', ')} on the observing stream`,
    );
    observer.command(IMPOSSIBLE);
    const ending = await observer.stream.ending('the observing stream to fail');
    expectEqual(ending, ErrorReason[ErrorReason.NOT_GRANTED], 'the end of the observing stream');
    await makeEvents(session, 1);
  },
};

const sessionHeld: Card = {
  id: 'GRT-04',
  title: 'While a trading session is held the unary commands are closed, also to a tool',
  manner: 'session',
  needs: [caller('tool'), method('PlaceOrder'), method('CancelAllOrders')],
  action: 'Open a session; as the tool: PlaceOrder and CancelAllOrders; drop the stream and try again.',
  expected: ['SESSION_HELD for each', 'SESSION_HELD while only the grace runs as well'],
  async run(bench) {
    const session = await bench.session();
    const held = ErrorReason[ErrorReason.SESSION_HELD];
    const place = await bench.refusal(Service.placeOrder, await placeRequest(bench), 'tool');
    expectEqual(place.reasonName, held, 'the refusal of PlaceOrder');
    const request = CancelAllOrdersRequest.fromPartial({ cancelAll: { symbol: bench.symbol } });
    const cancel = await bench.refusal(Service.cancelAllOrders, request, 'tool');
    expectEqual(cancel.reasonName, held, 'the refusal of CancelAllOrders');
    session.stream.cancel();
    await session.stream.ending('the stream to end');
    const again = await bench.refusal(Service.placeOrder, await placeRequest(bench), 'tool');
    expectEqual(again.reasonName, held, 'the refusal in the grace');
  },
};

const toolTrades: Card = {
  id: 'GRT-05',
  title: 'Without a session a tool may place, cancel and cancel all',
  manner: 'session',
  needs: [
    caller('tool'),
    method('PlaceOrder'),
    method('CancelOrder'),
    method('CancelAllOrders'),
    method('ListOpenOrders'),
  ],
  action: 'As the tool: place two resting orders; cancel the first; cancel all.',
  expected: ['accepted, OPEN, twice', 'accepted, CANCELED', 'one outcome, accepted, for the second'],
  async run(bench) {
    const requests = [await placeRequest(bench), await placeRequest(bench)];
    for (const request of requests) {
      const { outcome } = await bench.call(Service.placeOrder, request, 'tool');
      expectAccepted(outcome);
      const fate = outcome?.fate;
      expectEqual(fate?.$case === 'accepted' && fate.value.order?.status, OrderStatus.OPEN, 'the status');
    }
    const [first, second] = requests.map(({ order }) => order?.clientOrderId ?? '');
    const cancel = CancelOrderRequest.fromPartial({ cancel: { order: bench.reference(first ?? '') } });
    expectAccepted((await bench.call(Service.cancelOrder, cancel, 'tool')).outcome);
    const all = CancelAllOrdersRequest.fromPartial({ cancelAll: { symbol: bench.symbol } });
    const { outcomes } = await bench.call(Service.cancelAllOrders, all, 'tool');
    expectEqual(
      outcomes.map(({ clientOrderId }) => clientOrderId),
      [second],
      'the orders that were cancelled',
    );
    expectAccepted(outcomes[0]);
  },
};

const engineIsNoTool: Card = {
  id: 'GRT-06',
  title: 'A grant to trade opens sessions, not the unary commands',
  manner: 'session',
  needs: [method('PlaceOrder')],
  action: 'As the engine that may trade, without a session: PlaceOrder.',
  expected: ['NOT_GRANTED'],
  async run(bench) {
    const refusal = await bench.refusal(Service.placeOrder, await placeRequest(bench));
    expectEqual(refusal.reasonName, ErrorReason[ErrorReason.NOT_GRANTED], 'the refusal');
  },
};

const STRANGER_MS = 3_000;

const stranger: Card = {
  id: 'GRT-07',
  title: 'A certificate that is granted nothing makes no connection',
  manner: 'beside',
  needs: [caller('stranger')],
  action: `As the stranger: connect, for ${STRANGER_MS / 1_000} s.`,
  expected: ['no connection'],
  async run(bench) {
    const opened = await bench.tryToReach('stranger', STRANGER_MS);
    expect(!opened.ok, 'no connection', 'one that stands');
  },
};

export const GRANTS = group('GRT', 'Grants', [
  observerTrades,
  observerReads,
  observersSeeAll,
  sessionHeld,
  toolTrades,
  engineIsNoTool,
  stranger,
]);
