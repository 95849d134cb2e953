/** What became of a command, held against what must have. */
import { DenyRule, type OrderOutcome, RejectReason } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { expect } from './mismatch.ts';
import { sayFate } from './words.ts';

export function expectDenied(outcome: OrderOutcome | undefined, rule: DenyRule, field?: string): void {
  const fate = outcome?.fate;
  const isRight =
    fate?.$case === 'denied' && fate.value.rule === rule && (field === undefined || fate.value.field === field);
  expect(isRight, `denied{${DenyRule[rule]}${field === undefined ? '' : `, ${field}`}}`, () => say(outcome));
}

export function expectRejected(outcome: OrderOutcome | undefined, ...reasons: readonly RejectReason[]): void {
  const fate = outcome?.fate;
  const isRight = fate?.$case === 'rejected' && reasons.includes(fate.value.reason);
  expect(isRight, `rejected{${reasons.map((each) => RejectReason[each]).join(' or ')}}`, () => say(outcome));
}

export function expectAccepted(outcome: OrderOutcome | undefined): void {
  expect(outcome?.fate?.$case === 'accepted', 'accepted', () => say(outcome));
}

function say(outcome: OrderOutcome | undefined): string {
  return outcome === undefined ? 'no outcome' : sayFate(outcome);
}
