import { expect, test } from 'bun:test';
import { type LookupRule, lookupByClientId } from './lookup.ts';
import { accepted, place, SYMBOL, testVenue } from './test-support.ts';

test('an order that ended is found by its client id as long as the venue says, an open one always', async () => {
  const { core, clock } = await testVenue();
  place(core, { clientOrderId: 'open' });
  place(core, { clientOrderId: 'ended' });
  accepted(core.cancel({ accountId: 'a', symbol: SYMBOL, order: { by: 'client', clientOrderId: 'ended' } }));
  const found = (rule: LookupRule) => {
    const find = lookupByClientId(rule, core, () => clock.wallUs());
    return ['open', 'ended', 'never'].filter((id) => find('a', SYMBOL, id) !== undefined);
  };
  expect(found({ ended: 'always' })).toEqual(['open', 'ended']);
  expect(found({ ended: 'never' })).toEqual(['open']);
  clock.advance(60_000);
  expect(found({ ended: { withinMs: 60_000 } })).toEqual(['open', 'ended']);
  clock.advance(1);
  expect(found({ ended: { withinMs: 60_000 } })).toEqual(['open']);
});
