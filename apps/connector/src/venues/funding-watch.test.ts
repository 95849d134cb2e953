import { beforeEach, expect, test } from 'bun:test';
import { FundingPayment } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { type FundingWatch, fundingWatch } from './funding-watch.ts';

const BTC = 'BTC/USDT:USDT';

let clock: VirtualClock;
let ledger: FundingPayment[];
let asked: { symbol: string; sinceUs: number }[];
let emitted: string[];
let broken: boolean;
let watch: FundingWatch;

beforeEach(() => {
  clock = new VirtualClock();
  [ledger, asked, emitted, broken] = [[], [], [], false];
  watch = fundingWatch({
    clock,
    symbols: () => [BTC, 'ETH/USDT:USDT'],
    nowUs: () => clock.wallUs(),
    emit: (payment) => emitted.push(payment.paymentId),
    ask: async (symbol, sinceUs) => {
      asked.push({ symbol, sinceUs });
      if (broken) throw new Error('busy');
      return ledger.filter((entry) => entry.symbol === symbol && entry.venueTimeUs >= sinceUs);
    },
  });
});

const book = (paymentId: string, symbol = BTC) =>
  ledger.push(FundingPayment.fromPartial({ paymentId, symbol, venueTimeUs: clock.wallUs() }));

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await new Promise<void>((resolve) => setImmediate(resolve));
}

test('what was booked before the watch began is not news', async () => {
  book('old');
  await pass(1);
  watch.start();
  watch.paid(BTC);
  await pass(0);
  expect(emitted).toEqual([]);
});

test('a push is answered by the ledger, each entry once', async () => {
  watch.start();
  await pass(1_000);
  book('1');
  watch.paid(BTC);
  await pass(0);
  watch.paid(BTC);
  await pass(0);
  expect(emitted).toEqual(['1']);
});

test('an entry that is booked after its push is found by asking again', async () => {
  watch.start();
  watch.paid(BTC);
  await pass(0);
  book('1');
  await pass(2_000);
  expect(emitted).toEqual(['1']);
  const before = asked.length;
  await pass(600_000);
  expect(asked.length).toBe(before);
});

test('a ledger that cannot be read is asked again and nothing is skipped', async () => {
  watch.start();
  broken = true;
  await pass(1_000);
  book('1');
  watch.paid(BTC);
  await pass(0);
  broken = false;
  await pass(2_000);
  expect(emitted).toEqual(['1']);
});

test('a push without a symbol asks for every one', async () => {
  watch.start();
  await pass(1_000);
  book('1');
  book('2', 'ETH/USDT:USDT');
  watch.paid();
  await pass(0);
  expect(emitted).toEqual(['1', '2']);
});

test('a funding time that passes without a push is asked for, even when the stream already names the next', async () => {
  watch.start();
  watch.due(BTC, clock.wallUs() + 5_000_000);
  await pass(5_000);
  expect(asked.map(({ symbol }) => symbol)).toEqual([BTC]);
  book('1');
  watch.due(BTC, clock.wallUs() + 3_600_000_000);
  await pass(0);
  expect(emitted).toEqual(['1']);
});

test('nothing is asked after the end', async () => {
  watch.start();
  watch.due(BTC, clock.wallUs() + 5_000_000);
  watch.close();
  await pass(10_000);
  watch.paid();
  await pass(0);
  expect(asked).toEqual([]);
});
