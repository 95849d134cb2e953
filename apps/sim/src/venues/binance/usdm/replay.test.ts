/** The recorded feed, served again: what subscribers get is what was recorded. */
import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startVenue } from '../test-client.ts';

const RECORDING = join(import.meta.dir, '../../../../../../../shared/data/binance-usdm-btcusdt-20240808.jsonl.gz');
const SERVED_MS = 3_000;

type Delta = { U: number; u: number; pu: number; b: readonly string[][]; a: readonly string[][] };

/** Level order within a delta means nothing. */
function normal({ U, u, pu, b, a }: Delta) {
  return { U, u, pu, b: b.map(String).sort(), a: a.map(String).sort() };
}

function recordedDeltas(): Map<number, Delta> {
  const deltas = new Map<number, Delta>();
  for (const line of Buffer.from(Bun.gunzipSync(readFileSync(RECORDING)))
    .toString()
    .split('\n')) {
    if (!line.includes('"depthUpdate"')) continue;
    const { data } = JSON.parse(line.slice(line.indexOf('{')));
    deltas.set(data.u, data);
  }
  return deltas;
}

test.skipIf(!existsSync(RECORDING))('each depth frame is a recorded one, level by level, without a gap', async () => {
  const venue = await startVenue({ replay: { path: RECORDING, speed: 1 } });
  try {
    const socket = await venue.open('/public/ws/btcusdt@depth@0ms');
    venue.clock.advance(SERVED_MS);
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    await socket.take(1, (frame) => frame['id'] === 1);
    const frames = socket.frames.filter((frame) => frame['e'] === 'depthUpdate').map((frame) => Object(frame));
    expect(frames.length).toBeGreaterThan(20);
    const recorded = recordedDeltas();
    for (const [index, frame] of frames.entries()) {
      const original = recorded.get(frame.u);
      if (original === undefined) throw new Error(`update ${frame.u} was not recorded`);
      expect(normal(frame)).toEqual(normal(original));
      if (index > 0) expect(frame.pu).toBe(frames[index - 1].u);
    }
  } finally {
    await venue.close();
  }
});
