import { expect, test } from 'bun:test';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { MESSAGE_GAP_MS, type OutgoingFrame, outbox } from './outbox.ts';

function rig() {
  const clock = new VirtualClock();
  const sent: OutgoingFrame[] = [];
  return { clock, sent, box: outbox(clock, (frame) => sent.push(frame)) };
}

test('what is put in within one turn leaves in one message, and not before the socket stands', () => {
  const { clock, sent, box } = rig();
  box.put('subscribe', { channel: 'a' });
  box.put('subscribe', { channel: 'b' });
  clock.advance(10);
  expect(sent).toEqual([]);
  box.start();
  clock.advance(0);
  expect(sent).toEqual([{ op: 'subscribe', args: [{ channel: 'a' }, { channel: 'b' }] }]);
});

test('the order of operations is kept, and messages keep their distance', () => {
  const { clock, sent, box } = rig();
  box.start();
  box.put('subscribe', { channel: 'a' });
  box.put('unsubscribe', { channel: 'a' });
  box.put('subscribe', { channel: 'a' });
  clock.advance(0);
  expect(sent.map(({ op }) => op)).toEqual(['subscribe']);
  clock.advance(MESSAGE_GAP_MS - 1);
  expect(sent.length).toBe(1);
  clock.advance(1 + MESSAGE_GAP_MS);
  expect(sent.map(({ op }) => op)).toEqual(['subscribe', 'unsubscribe', 'subscribe']);
});

test('never more than eight messages a second, however much is put in', () => {
  const { clock, sent, box } = rig();
  box.start();
  for (let index = 0; index < 40; index++) box.put(index % 2 === 0 ? 'subscribe' : 'unsubscribe', { index });
  clock.advance(999);
  expect(sent.length).toBeLessThanOrEqual(8);
  clock.advance(10_000);
  expect(sent.flatMap(({ args }) => args)).toEqual(Array.from({ length: 40 }, (_, index) => ({ index })));
});

test('a message stays below 4,096 bytes', () => {
  const { clock, sent, box } = rig();
  for (let index = 0; index < 200; index++) box.put('subscribe', { instType: 'USDT-FUTURES', channel: 'books', index });
  box.start();
  clock.advance(60_000);
  expect(sent.flatMap(({ args }) => args).length).toBe(200);
  for (const frame of sent) expect(JSON.stringify(frame.args).length).toBeLessThan(4_096);
});

test('what waits when the socket ends is dropped', () => {
  const { clock, sent, box } = rig();
  box.start();
  box.put('subscribe', { channel: 'a' });
  box.stop();
  clock.advance(1_000);
  expect(sent).toEqual([]);
});
