import { expect, test } from 'bun:test';
import {
  beginInquiry,
  conclude,
  type Inquiry,
  nextStep,
  notAnswered,
  notFound,
  probeFailed,
  watched,
} from './resolver-schedule.ts';

const SETTLE_MS = 6_000;
const search = { fullSearch: true, proved: true, evidence: 'all' };

/** The instants, in milliseconds, of the first `count` questions if none is answered. */
function askTimes(inquiry: Inquiry, count: number): [number, boolean][] {
  const times: [number, boolean][] = [];
  let [current, nowUs] = [inquiry, 0];
  while (times.length < count) {
    const step = nextStep(current, nowUs);
    if (step.kind !== 'ask') throw new Error('a probe without a search');
    times.push([step.atUs / 1_000, step.fullSearch]);
    nowUs = step.atUs;
    current = notAnswered(current);
  }
  return times;
}

test('the stream has two seconds, then questions come at 1, 2, 4, 8 and 16 s, and each 16 s from there', () => {
  expect(askTimes(beginInquiry(0, { settleMs: SETTLE_MS, lost: false }), 7)).toEqual([
    [3_000, false],
    [4_000, false],
    [6_000, true],
    [10_000, true],
    [18_000, true],
    [34_000, true],
    [50_000, true],
  ]);
});

test('an absence seen before the order could no longer appear proves nothing', () => {
  const inquiry = beginInquiry(0, { settleMs: SETTLE_MS, lost: false });
  expect(notFound(inquiry, { ...search, startedUs: 5_999_999 }).absence).toBeNull();
  expect(notFound(inquiry, { ...search, startedUs: 6_000_000, fullSearch: false }).absence).toBeNull();
  expect(notFound(inquiry, { ...search, startedUs: 6_000_000 }).absence).toEqual({ proved: true, evidence: 'all' });
});

test('a proof is followed at once by the probe, and a probe that said nothing by another', () => {
  const proved = notFound(beginInquiry(0, { settleMs: 0, lost: false }), { ...search, startedUs: 1 });
  expect(nextStep(proved, 5)).toEqual({ kind: 'probe', atUs: 5 });
  expect(nextStep(probeFailed(proved), 5)).toEqual({ kind: 'probe', atUs: 2_000_005 });
  expect(conclude(proved, 'not_open -2011')).toEqual({
    kind: 'absent',
    evidence: '1 questions; all; cancel: not_open -2011',
  });
});

test('without proof every question has its turn before the order is lost, and then it is watched each minute', () => {
  let inquiry = beginInquiry(0, { settleMs: 0, lost: false });
  for (let asks = 0; asks < 5; asks++) {
    expect(nextStep(inquiry, 1).kind).toBe('ask');
    inquiry = notFound(inquiry, { ...search, proved: false, startedUs: 1 });
  }
  expect(nextStep(inquiry, 1).kind).toBe('probe');
  expect(conclude(inquiry, 'not_open').kind).toBe('lost');
  const watching = watched(inquiry);
  expect(nextStep(watching, 7)).toEqual({ kind: 'ask', atUs: 60_000_007, fullSearch: true });
  expect(nextStep(notFound(watching, { ...search, proved: false, startedUs: 7 }), 7).kind).toBe('ask');
  expect(nextStep(notFound(watching, { ...search, startedUs: 7 }), 7).kind).toBe('probe');
});
