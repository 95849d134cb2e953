/** VEN: health and gaps: what the service says when its venue is away. */
import {
  HealthCheckRequest,
  HealthCheckResponse_ServingStatus,
  HealthService,
} from '@trunkline/proto/gen/grpc/health/v1/health';
import { OrderStatus, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import { sim } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expect, expectEqual } from '../suite/mismatch.ts';
import { until } from '../suite/news.ts';
import type { Session } from '../suite/session.ts';

const SERVICE = 'trunkline.exchange.v1.ExchangeService';
const NOT_FOUND = 5;
/** More requests than can come before the fault is lifted. */
const REFUSED = 1_000;
const RECOVERY_MS = 40_000;
const CLOSED_AGAIN = 50;

const healthy: Card = {
  id: 'VEN-01',
  title: 'The health service says SERVING while the venue is ready',
  manner: 'beside',
  needs: [],
  action: `grpc.health.v1: Check of "", of ${SERVICE}, of a strange name.`,
  expected: ['SERVING, twice', 'NOT_FOUND'],
  async run(bench) {
    for (const service of ['', SERVICE]) {
      const { status } = await bench.call(HealthService.check, HealthCheckRequest.fromPartial({ service }));
      expectEqual(HealthCheckResponse_ServingStatus[status], 'SERVING', `the health of ${JSON.stringify(service)}`);
    }
    const wire = await bench.wire();
    const strange = HealthCheckRequest.fromPartial({ service: 'no.such.Service' });
    expectEqual(await wire.statusCode(HealthService.check, strange), NOT_FOUND, 'the status of a strange name');
  },
};

/** The private stream is lost and the venue refuses every call, so that it stays lost until the fault is lifted. */
async function takeVenueDown({ sim: control }: Bench): Promise<void> {
  await control.fault({ kind: 'refuse', status: 503, body: {}, count: REFUSED });
  await control.fault({ kind: 'close_sockets', sockets: 'all' });
}

const unhealthy: Card = {
  id: 'VEN-02',
  title: 'While the venue is away the health is NOT_SERVING, and SERVING again after',
  manner: 'alone',
  needs: [sim],
  limitMs: RECOVERY_MS + 20_000,
  action: "Watch the health; close the venue's sockets and let it refuse every call, until that was seen.",
  expected: ['SERVING', 'NOT_SERVING', 'SERVING'],
  async run(bench) {
    const wire = await bench.wire();
    const watch = wire.listen(HealthService.watch, HealthCheckRequest.fromPartial({ service: '' }));
    const seen = () => watch.received.map(({ status }) => HealthCheckResponse_ServingStatus[status] ?? '');
    const waiting = { clock: bench.clock, subscribe: (listener: () => void) => watch.onNews(listener) };
    const wait = (count: number, what: string) =>
      until(
        waiting,
        () => (seen().length >= count ? true : undefined),
        what,
        RECOVERY_MS,
        () => seen().join(', '),
      );
    await wait(1, 'the present health');
    await takeVenueDown(bench);
    // Where a stream is opened anew without a call it may be back before anybody looked: it is closed until one did.
    for (let again = 0; again < CLOSED_AGAIN && seen().length < 2; again++) {
      await bench.sleep(200);
      await bench.sim.fault({ kind: 'close_sockets', sockets: 'all' });
    }
    await wait(2, 'a change of the health');
    await bench.sim.lift();
    await wait(3, 'another change of the health');
    expectEqual(seen().slice(0, 3), ['SERVING', 'NOT_SERVING', 'SERVING'], 'the health');
    watch.cancel();
  },
};

function statusAt(session: Session, state: VenueState, from = 0): number {
  return session.events.findIndex(
    ({ event }, index) => index >= from && event?.$case === 'venueStatus' && event.value.state === state,
  );
}

const privateGap: Card = {
  id: 'VEN-03',
  title: 'A lost private stream is told as a gap, before anything that came after it',
  manner: 'alone',
  needs: [sim],
  limitMs: RECOVERY_MS + 20_000,
  action: "Place a resting order; close the venue's sockets; wait until the venue is ready; cancel the order.",
  expected: ['venue DISCONNECTED', 'a gap since before the loss', 'venue READY', 'the order CANCELED, after the gap'],
  async run(bench) {
    const session = await bench.session();
    const order = bench.orders.resting(Side.BUY, await bench.quote());
    await session.accept(order);
    await session.status(order.clientOrderId, OrderStatus.OPEN);
    const lostAtUs = bench.clock.wallUs();
    await bench.sim.fault({ kind: 'close_sockets', sockets: 'all' });
    const { stream, events } = session;
    const found = (look: () => number, what: string) =>
      stream.until(() => (look() >= 0 ? look() : undefined), what, RECOVERY_MS);
    const gapAt = () => events.findIndex(({ event }) => event?.$case === 'gap');
    const down = await found(() => statusAt(session, VenueState.DISCONNECTED), 'venue DISCONNECTED');
    const gap = await found(gapAt, 'a gap');
    await found(() => statusAt(session, VenueState.READY, down), 'venue READY');
    const body = events[gap]?.event;
    const sinceUs = body?.$case === 'gap' ? body.value.sinceUs : 0;
    expect(sinceUs > 0 && sinceUs <= lostAtUs + 1_000_000, 'a gap that begins no later than the loss', String(sinceUs));
    await session.cancel(bench.reference(order.clientOrderId));
    await session.status(order.clientOrderId, OrderStatus.CANCELED);
    const canceledAt = events.findIndex(
      ({ event }) => event?.$case === 'order' && event.value.status === OrderStatus.CANCELED,
    );
    expect(canceledAt > gap, 'the cancel after the gap', `events ${canceledAt} and ${gap}`);
  },
};

const refusedWhileDown: Card = {
  id: 'VEN-04',
  title: 'While the account is not ready new orders are denied, and orders that were placed are not forgotten',
  manner: 'alone',
  needs: [sim],
  limitMs: RECOVERY_MS + 20_000,
  action:
    'Place a resting order; take the venue down; place another at once; wait until it is ready; cancel the first.',
  expected: [
    'venue DISCONNECTED',
    'denied{NOT_READY} or another fate that is no silence',
    'venue READY',
    'the first order is CANCELED',
  ],
  async run(bench) {
    const session = await bench.session();
    const quote = await bench.quote();
    const first = bench.orders.resting(Side.BUY, quote);
    await session.accept(first);
    await takeVenueDown(bench);
    const { stream } = session;
    const down = await stream.until(
      () => {
        const at = statusAt(session, VenueState.DISCONNECTED);
        return at < 0 ? undefined : at;
      },
      'venue DISCONNECTED',
      RECOVERY_MS,
    );
    const outcome = await session.place(bench.orders.resting(Side.BUY, quote));
    expect(outcome.fate !== undefined, 'a fate', 'none');
    await bench.sim.lift();
    await stream.until(() => statusAt(session, VenueState.READY, down) >= 0 || undefined, 'venue READY', RECOVERY_MS);
    await session.cancel(bench.reference(first.clientOrderId));
    await session.status(first.clientOrderId, OrderStatus.CANCELED);
  },
};

export const VENUE = group('VEN', 'Health and gaps', [healthy, unhealthy, privateGap, refusedWhileDown]);
