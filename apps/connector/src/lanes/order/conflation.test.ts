import { expect, test } from 'bun:test';
import { Position } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { Conflation } from './conflation.ts';

const balances = (asset: string, total: string, venueTimeUs: number) => ({
  kind: 'balances' as const,
  update: { balances: [{ asset, total, available: total }], venueTimeUs, receivedAtUs: venueTimeUs, reason: 'ORDER' },
});

test('the newest value of each asset stands, under the newest time', () => {
  const waiting = new Conflation();
  waiting.add(balances('USDT', '1', 1));
  waiting.add(balances('BNB', '7', 2));
  waiting.add(balances('USDT', '2', 3));
  const [body, ...rest] = waiting.take();
  expect(rest).toEqual([]);
  expect(body).toMatchObject({
    $case: 'balances',
    value: {
      venueTimeUs: 3,
      balances: [
        { asset: 'USDT', total: '2' },
        { asset: 'BNB', total: '7' },
      ],
    },
  });
});

test('what was taken does not come again with the next', () => {
  const waiting = new Conflation();
  waiting.add(balances('USDT', '1', 1));
  waiting.take();
  expect(waiting.take()).toEqual([]);
  waiting.add(balances('BNB', '7', 2));
  expect(waiting.take()).toMatchObject([{ value: { balances: [{ asset: 'BNB' }] } }]);
});

test('both sides of a hedged position stand, and budgets by name', () => {
  const waiting = new Conflation();
  const at = (side: PositionSide, quantity: string) =>
    Position.fromPartial({ symbol: 'BTC/USDT:USDT', side, quantity });
  const update = (position: Position) => ({ positions: [position], venueTimeUs: 1, receivedAtUs: 1 });
  waiting.add({ kind: 'positions', update: update(at(PositionSide.LONG, '1')) });
  waiting.add({ kind: 'positions', update: update(at(PositionSide.SHORT, '-2')) });
  waiting.add({ kind: 'positions', update: update(at(PositionSide.LONG, '3')) });
  const budget = (used: number) => ({ name: 'weight_1m', limit: 10, used, windowMs: 60_000 });
  waiting.add({ kind: 'rate_budgets', budgets: [budget(1)] });
  waiting.add({ kind: 'rate_budgets', budgets: [budget(2)] });
  expect(waiting.take()).toMatchObject([
    { $case: 'positions', value: { positions: [{ quantity: '3' }, { quantity: '-2' }] } },
    { $case: 'rateBudgets', value: { budgets: [{ used: 2 }] } },
  ]);
});
