import { expect, test } from 'bun:test';
import { checkGate, type GateView } from './trading-gate.ts';

const open: GateView = {
  halt: { state: 'running', reason: '' },
  closing: false,
  draining: false,
  leaseHeld: true,
  journalWorking: true,
  connected: true,
  reconciled: true,
  inFlight: 0,
  maxInFlight: 10,
};

const verdict = (change: Partial<GateView>) =>
  [false, true].map((reduceOnly) => checkGate({ ...open, ...change }, { reduceOnly })?.field ?? 'passes');

test('an open gate passes everything', () => {
  expect(verdict({})).toEqual(['passes', 'passes']);
});

test('what closes new risk alone lets reduce-only orders through', () => {
  expect(verdict({ reconciled: false })).toEqual(['reconcile', 'passes']);
  expect(verdict({ draining: true })).toEqual(['connector', 'passes']);
  expect(verdict({ halt: { state: 'reducing', reason: '' } })).toEqual(['reducing', 'passes']);
});

test('what closes the account closes it for reduce-only orders too', () => {
  expect(verdict({ halt: { state: 'halted', reason: '' } })).toEqual(['halted', 'halted']);
  expect(verdict({ leaseHeld: false })).toEqual(['lease', 'lease']);
  expect(verdict({ journalWorking: false })).toEqual(['journal', 'journal']);
  expect(verdict({ connected: false })).toEqual(['session', 'session']);
  expect(verdict({ closing: true })).toEqual(['engine', 'engine']);
  expect(verdict({ inFlight: 10 })).toEqual(['max_in_flight', 'max_in_flight']);
});
