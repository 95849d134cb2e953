import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { venueClock } from './venue-clock.ts';

/** A sample taken now: the venue is `aheadUs` before us, the question took `roundTripUs`. */
function sample(clock: VirtualClock, aheadUs: number, roundTripUs: number) {
  const answeredUs = clock.monotonicUs();
  const askedUs = answeredUs - roundTripUs;
  return { venueUs: clock.wallUs() - roundTripUs / 2 + aheadUs, askedUs, answeredUs };
}

test('until a sample the venue\u2019s clock is ours', () => {
  const clock = new VirtualClock();
  expect(venueClock(clock).nowUs()).toBe(clock.wallUs());
  expect(venueClock(clock).sampled).toBe(false);
});

test('the offset is that of the fastest sample', () => {
  const clock = new VirtualClock();
  const venue = venueClock(clock);
  venue.add(sample(clock, 60_000_000, 10_000));
  venue.add(sample(clock, 60_000_900, 90_000));
  expect(venue.offsetUs()).toBe(60_000_000);
  venue.add(sample(clock, 60_000_100, 2_000));
  expect(venue.offsetUs()).toBe(60_000_100);
});

test('a step of our wall clock does not move the venue\u2019s time', () => {
  const clock = new VirtualClock();
  const venue = venueClock(clock);
  venue.add(sample(clock, 0, 1_000));
  const before = venue.nowUs();
  clock.stepWall(-60_000_000);
  clock.advance(1_000);
  expect(venue.nowUs()).toBe(before + 1_000_000);
  expect(venue.offsetUs()).toBe(60_000_000);
});

test('after the venue refused a timestamp the next sample counts, however slow', () => {
  const clock = new VirtualClock();
  const venue = venueClock(clock);
  venue.add(sample(clock, 0, 1_000));
  venue.distrust();
  venue.add(sample(clock, 5_000_000, 500_000));
  expect(venue.offsetUs()).toBe(5_000_000);
});

test('an old sample gives way to a slower one', () => {
  const clock = new VirtualClock();
  const venue = venueClock(clock);
  venue.add(sample(clock, 0, 1_000));
  clock.advance(11 * 60_000);
  venue.add(sample(clock, 3_000, 50_000));
  expect(venue.offsetUs()).toBe(3_000);
});
