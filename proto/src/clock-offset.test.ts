import { expect, test } from 'bun:test';
import { ClockFilter, clockSample } from './clock-offset.ts';

test('a peer 1 s ahead over a line of 10 ms each way is measured exactly', () => {
  const sample = clockSample({
    sentAtUs: 100_000,
    theirArrivalUs: 1_110_000,
    theirAnswerUs: 1_150_000,
    arrivedAtUs: 160_000,
  });
  expect(sample).toEqual({ roundTripUs: 20_000, offsetUs: 1_000_000, uncertaintyUs: 10_000 });
});

test('an unequal line is wrong by no more than the uncertainty', () => {
  // 18 ms there, 2 ms back, equal clocks.
  const sample = clockSample({ sentAtUs: 0, theirArrivalUs: 18_000, theirAnswerUs: 18_000, arrivedAtUs: 20_000 });
  expect(Math.abs(sample?.offsetUs ?? Number.NaN)).toBeLessThanOrEqual(sample?.uncertaintyUs ?? 0);
});

test('stamps across a clock step are no sample', () => {
  expect(clockSample({ sentAtUs: 100, theirArrivalUs: 0, theirAnswerUs: 0, arrivedAtUs: 50 })).toBeUndefined();
  expect(clockSample({ sentAtUs: 0, theirArrivalUs: 90, theirAnswerUs: 10, arrivedAtUs: 50 })).toBeUndefined();
});

test('the shortest round trip of the last eight samples counts', () => {
  const filter = new ClockFilter();
  expect(filter.best).toBeUndefined();
  filter.add({ roundTripUs: 5, offsetUs: 1, uncertaintyUs: 3 });
  filter.add({ roundTripUs: 50, offsetUs: 2, uncertaintyUs: 25 });
  expect(filter.best?.offsetUs).toBe(1);
  for (let index = 0; index < 8; index++) filter.add({ roundTripUs: 40, offsetUs: 3, uncertaintyUs: 20 });
  expect(filter.best?.offsetUs).toBe(3);
});
