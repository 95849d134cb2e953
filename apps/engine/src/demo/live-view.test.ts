import { expect, test } from 'bun:test';
import type { AccountStatus, EngineStatus } from '../orchestrator/engine-status.ts';
import { createLiveView } from './live-view.ts';

const account: AccountStatus = {
  account: 'binance',
  connector: 'binance-1',
  venue: 'binance',
  market: 'perpetual',
  symbols: ['BTC/USDT:USDT'],
  link: 'dial',
  state: 'running',
  reason: '',
  boots: 1,
  sessions: 1,
  events: { quotes: 100, books: 0, trades: 0 },
  conflated: 0,
  gaps: 0,
  rttUs: { p50: 150.4, p99: 900 },
  orders: {
    intents: 1,
    denied: 0,
    accepted: 1,
    rejected: 0,
    canceled: 0,
    filled: 0,
    expired: 0,
    absent: 0,
    unknown: 1,
    lost: 0,
    open: 1,
  },
  fills: 3,
  unresolved: [
    { clientOrderId: 'tb_1_a0', symbol: 'BTC/USDT:USDT', status: 'unknown', doing: 'asking', nextStepAtUs: null },
  ],
  positions: [
    {
      symbol: 'BTC/USDT:USDT',
      quantity: '0.01',
      entryPrice: '60000',
      realizedPnl: '1',
      unrealizedPnl: '2',
      fees: '0.5',
    },
  ],
  balances: [],
  pnl: { realized: '1', unrealized: '2', fees: '0.5', funding: '0' },
  settings: [],
};
const at = (seconds: number, quotes: number): EngineStatus => ({
  engine: 'main',
  engineId: 'e1',
  startedAtUs: 0,
  nowUs: seconds * 1_000_000,
  gatewayPort: null,
  journal: { path: 'x', events: 5, head: '' },
  accounts: [{ ...account, events: { ...account.events, quotes } }],
});

test('a pipe gets one line an account, at most every three seconds, with the rate since the last', () => {
  const written: string[] = [];
  const view = createLiveView({ terminal: false, write: (text) => written.push(text) });
  for (const [seconds, quotes] of [
    [1, 100],
    [2, 300],
    [4, 700],
  ] as const) {
    view.update(at(seconds, quotes));
  }
  expect(written).toHaveLength(2);
  expect(written[1]).toBe(
    'binance-1: running, 200 quotes/s, round trip 150/900 us, 1 open, 3 fills, position 0.01 BTC/USDT:USDT, pnl 1 + 2, fees 0.5\n',
  );
});

test('a terminal gets a table that is drawn over the last one, with every unresolved order in it', () => {
  const written: string[] = [];
  const view = createLiveView({ terminal: true, write: (text) => written.push(text) });
  view.update(at(1, 100));
  view.update(at(2, 200));
  expect(written[0]).toContain('CONNECTOR  STATE');
  expect(written[0]).toContain('tb_1_a0 is unknown: asking');
  const height = written[0]?.trimEnd().split('\n').length;
  expect(written[1]?.startsWith(`\x1b[${height}F\x1b[0J`)).toBe(true);
});
