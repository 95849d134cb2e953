/** DRN: how the service leaves. */
import { DenyRule, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { GoodbyeReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Card, group } from '../card.ts';
import { mayStop } from '../needs.ts';
import { expectAccepted, expectDenied } from '../suite/fates.ts';
import { expect } from '../suite/mismatch.ts';

const drains: Card = {
  id: 'DRN-01',
  title: 'Told to stop, it says so, takes no new orders, lets cancels pass, and leaves after Goodbye',
  manner: 'last',
  needs: [mayStop],
  limitMs: 40_000,
  action: 'Place a resting order; send SIGTERM to the process; place another; cancel the first; say Goodbye.',
  expected: [
    'draining with a deadline ahead',
    'denied{DRAINING} for the new order',
    'accepted for the cancel',
    'the stream ends; the process is gone',
  ],
  async run(bench) {
    const pid = bench.target.mayStopPid;
    if (pid === undefined) throw new Error('a card stops a process without naming it among its needs');
    const session = await bench.session();
    const quote = await bench.quote();
    const order = bench.orders.resting(Side.BUY, quote);
    await session.accept(order);
    bench.note('SIGTERM');
    process.kill(pid, 'SIGTERM');
    const deadlineUs = await session.stream.until(() => {
      const found = session.events.find(({ event }) => event?.$case === 'draining')?.event;
      return found?.$case === 'draining' ? found.value.deadlineUs : undefined;
    }, 'draining');
    expect(deadlineUs > bench.clock.wallUs(), 'a deadline ahead', String(deadlineUs));
    expectDenied(await session.place(bench.orders.resting(Side.BUY, quote)), DenyRule.DRAINING);
    expectAccepted(await session.cancel(bench.reference(order.clientOrderId)));
    await session.goodbye(GoodbyeReason.DONE);
    const startedUs = bench.clock.monotonicUs();
    while (isAlive(pid)) {
      const waitedMs = (bench.clock.monotonicUs() - startedUs) / 1_000;
      expect(waitedMs < GONE_MS, `the process gone within ${GONE_MS} ms`, 'it is alive');
      await bench.sleep(50);
    }
  },
};

const GONE_MS = 20_000;

function isAlive(pid: number): boolean {
  try {
    // Signal 0 asks whether the process is there (kill(2)).
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const DRAINING = group('DRN', 'Draining', [drains]);
