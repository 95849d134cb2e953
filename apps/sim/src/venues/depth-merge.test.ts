import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import type { BookDelta } from '../core/events.ts';
import type { Level } from '../core/types.ts';
import { createDepthMerge } from './depth-merge.ts';

function delta(ids: readonly [U: number, u: number, pu: number], bids: readonly Level[]): BookDelta {
  const [firstUpdateId, lastUpdateId, previousUpdateId] = ids;
  return { symbol: 'BTCUSDT', firstUpdateId, lastUpdateId, previousUpdateId, bids, asks: [], timeUs: lastUpdateId };
}

const at = (p: string, q: string): Level => [price(p), quantity(q)];

test('deltas that follow each other become one from the first U and pu to the last u', () => {
  const merge = createDepthMerge();
  expect(merge.add(delta([5, 6, 4], [at('1', '1'), at('2', '2')]))).toBeUndefined();
  expect(merge.add(delta([7, 9, 6], [at('1', '0'), at('3', '3')]))).toBeUndefined();
  expect(merge.take()).toEqual(delta([5, 9, 4], [at('1', '0'), at('2', '2'), at('3', '3')]));
  expect(merge.take()).toBeUndefined();
});

test('a delta that does not follow ends the merge, so that the gap stays visible', () => {
  const merge = createDepthMerge();
  merge.add(delta([5, 6, 4], [at('1', '1')]));
  const cut = merge.add(delta([9, 9, 8], [at('2', '2')]));
  const rest = merge.take();
  expect(cut?.lastUpdateId).toBe(6);
  expect(rest?.previousUpdateId).toBe(8);
});
