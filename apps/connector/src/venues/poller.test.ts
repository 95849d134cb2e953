import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createPoller } from './poller.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a topic is asked at once and then at its pace, until it is closed', async () => {
  const clock = new VirtualClock();
  const poller = createPoller({ clock, everyMs: 10_000 });
  let asked = 0;
  void poller.open('BTC', async () => {
    asked++;
  });
  await settled();
  expect(asked).toBe(1);
  for (let turn = 0; turn < 2; turn++) {
    clock.advance(10_000);
    await settled();
  }
  expect(asked).toBe(3);
  poller.close('BTC');
  clock.advance(60_000);
  await settled();
  expect(asked).toBe(3);
});

test('one failure is passed over, three in a row are a lost subscription', async () => {
  const clock = new VirtualClock();
  const poller = createPoller({ clock, everyMs: 1_000 });
  const answers = [false, false, true, false, false, false];
  let lost = '';
  poller
    .open('BTC', async () => {
      if (answers.shift() !== true) throw new Error('busy');
    })
    .catch((error: unknown) => {
      lost = String(error);
    });
  for (let turn = 0; turn < 4; turn++) {
    await settled();
    clock.advance(1_000);
  }
  await settled();
  expect(lost).toBe('');
  clock.advance(1_000);
  await settled();
  expect(lost).toContain('busy');
});
