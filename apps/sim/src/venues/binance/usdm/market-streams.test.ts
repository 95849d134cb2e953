import { expect, test } from 'bun:test';
import { carriedBy, pathOf, USDM_STREAMS } from './market-streams.ts';

test('every stream that clients subscribe to is served, on its own path and on the old ones', () => {
  const publicTopics = ['bookTicker', 'trade', 'depth', 'depth@0ms', 'depth@100ms', 'depth20@500ms'];
  const marketTopics = ['aggTrade', 'kline_1h', 'markPrice', 'markPrice@1s', 'miniTicker', 'ticker'];
  for (const topic of [...publicTopics, ...marketTopics]) {
    expect(USDM_STREAMS.feedOf(topic)).toBeFunction();
    expect(carriedBy(undefined, `btcusdt@${topic}`)).toBe(true);
    const path = publicTopics.includes(topic) ? 'public' : 'market';
    expect(pathOf(`btcusdt@${topic}`)).toBe(path);
    expect(carriedBy(path === 'public' ? 'market' : 'public', `btcusdt@${topic}`)).toBe(false);
  }
});

test('topics that are no stream are not served', () => {
  for (const topic of ['', '0', 'depth@70ms', 'depth7', 'kline_7m', 'avgPrice']) {
    expect(USDM_STREAMS.feedOf(topic)).toBeUndefined();
    expect(pathOf(`btcusdt@${topic}`)).toBeUndefined();
  }
});
