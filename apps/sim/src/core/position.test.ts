import { expect, test } from 'bun:test';
import { type Decimal, price, quantity } from '@trunkline/proto/decimal';
import { applyFill, flatPosition, reducibleQuantity } from './position.ts';
import type { Position, Side } from './types.ts';

function run(...fills: readonly (readonly [side: Side, price: string, quantity: string])[]) {
  let position: Position = flatPosition('X', 'both', 0);
  const realized: Decimal[] = [];
  for (const [side, at, amount] of fills) {
    const step = applyFill(position, side, price(at), quantity(amount), 1);
    position = step.position;
    realized.push(step.realizedPnl);
  }
  return { position, realized };
}

test('a cost that does not divide is taken out half-even, and the last close takes all that is left', () => {
  // 0.3 for 30.00000001 in all; a third of it is 10.00000000(3), and the last third gets the odd unit.
  const { position, realized } = run(
    ['buy', '100', '0.2'],
    ['buy', '100.0000001', '0.1'],
    ['sell', '110', '0.1'],
    ['sell', '110', '0.1'],
    ['sell', '110', '0.1'],
  );
  expect<unknown>(realized).toEqual(['0', '0', '1', '1', '0.99999999']);
  expect<unknown>([position.quantity, position.cost, position.entryPrice, position.realizedPnl]).toEqual([
    '0',
    '0',
    '0',
    '2.99999999',
  ]);
});

test('a tie at half a unit goes to the even neighbour, on either side', () => {
  // Half of 0.00000003 is 0.000000015, of 0.00000005 it is 0.000000025: both tie to 0.00000002.
  expect<unknown>(run(['buy', '0.00000003', '1'], ['sell', '1', '0.5']).position.cost).toBe('0.00000001');
  expect<unknown>(run(['buy', '0.00000005', '1'], ['sell', '1', '0.5']).position.cost).toBe('0.00000003');
  expect<unknown>(run(['sell', '0.00000005', '1'], ['buy', '1', '0.5']).position.cost).toBe('-0.00000003');
});

test('a short position gains when it is bought back lower', () => {
  const { position, realized } = run(['sell', '100', '2'], ['buy', '90', '0.5']);
  expect<unknown>(realized[1]).toBe('5');
  expect<unknown>([position.quantity, position.cost, position.entryPrice]).toEqual(['-1.5', '-150', '100']);
});

test('a fill that turns the position realises the whole of it and opens the rest at its own price', () => {
  const { position, realized } = run(['buy', '100', '1'], ['sell', '110', '3']);
  expect<unknown>(realized[1]).toBe('10');
  expect<unknown>([position.quantity, position.cost, position.entryPrice]).toEqual(['-2', '-220', '110']);
});

test('only the other side reduces a position', () => {
  const { position } = run(['sell', '100', '2']);
  expect<unknown>([reducibleQuantity(position, 'buy'), reducibleQuantity(position, 'sell')]).toEqual(['2', '0']);
  expect<unknown>(reducibleQuantity(flatPosition('X', 'both', 0), 'sell')).toBe('0');
});
