import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import { place, testVenue } from '../../core/test-support.ts';
import { createRoundLedger } from './round-ledger.ts';

const POSITION = { symbol: 'BTCUSDT', positionSide: 'both' } as const;

test('a ledger that begins late tells the same as one that was there from the first fill', async () => {
  const { core } = await testVenue();
  const first = createRoundLedger(core);
  let orders = 0;
  const trade = (side: 'buy' | 'sell', size: string) => {
    orders += 1;
    const at = { price: price('60000'), quantity: quantity(size) };
    place(core, { accountId: 'b', clientOrderId: `maker-${orders}`, side: side === 'buy' ? 'sell' : 'buy', ...at });
    place(core, { accountId: 'a', clientOrderId: `taker-${orders}`, side, ...at });
  };
  trade('buy', '1');
  trade('sell', '1');
  trade('sell', '2');
  const late = createRoundLedger(core);
  trade('buy', '0.5');
  const told = late.of('a', POSITION);
  expect(told.closed).toMatchObject([{ holdSide: 'long', openedQuantity: '1', closedQuantity: '1' }]);
  expect(told.open).toMatchObject({ holdSide: 'short', openedQuantity: '2', closedQuantity: '0.5' });
  const fromFirst = first.of('a', POSITION);
  expect([told.closed, told.open]).toEqual([fromFirst.closed, fromFirst.open]);
  first.close();
  late.close();
  await core.close();
});
