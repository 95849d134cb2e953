import { describe, expect, test } from 'bun:test';
import { status as Code, Metadata } from '@grpc/grpc-js';
import { ErrorReason } from '../gen/trunkline/exchange/v1/session.ts';
import { ExchangeError } from './exchange-error.ts';
import { errorOf, statusOf } from './status.ts';

const REASONS = Object.values(ErrorReason)
  .filter((value) => typeof value !== 'string')
  .filter((reason) => reason > 0);

describe('a status of ours', () => {
  test('brings every reason, text and field back as they were', () => {
    expect(REASONS.length).toBe(20);
    for (const reason of REASONS) {
      const back = errorOf(statusOf(new ExchangeError(reason, `text of ${reason}`, 'order.price')));
      expect([back.reason, back.message, back.field]).toEqual([reason, `text of ${reason}`, 'order.price']);
    }
  });

  test('survives the text form in which binary trailers travel', () => {
    const sent = statusOf(new ExchangeError(ErrorReason.SESSION_HELD, 'held by e1: "größer"'));
    const headers = Object.entries(sent.metadata.toHttp2Headers()).map(([key, value]) => [key, String(value)]);
    const metadata = Metadata.fromHttp2Headers(Object.fromEntries(headers));
    const back = errorOf({ code: sent.code, details: 'another text', metadata });
    expect([back.reason, back.message, back.field]).toEqual([ErrorReason.SESSION_HELD, 'held by e1: "größer"', '']);
  });

  test('never lets the words of a bug out', () => {
    const sent = statusOf(new Error('secret=abc'));
    expect(sent.code).toBe(Code.INTERNAL);
    expect(JSON.stringify([sent.details, errorOf(sent).message])).not.toContain('abc');
  });

  test('stays small however long the text is', () => {
    const sent = statusOf(new ExchangeError(ErrorReason.VENUE_REFUSED, 'x'.repeat(100_000)));
    expect(JSON.stringify(sent.metadata.toHttp2Headers()).length).toBeLessThan(4_000);
  });
});

describe('a foreign status', () => {
  const foreign = (code: number, bytes?: Buffer) => {
    const metadata = new Metadata();
    if (bytes) metadata.set('grpc-status-details-bin', bytes);
    return errorOf({ code, details: 'by somebody else', metadata }).reason;
  };

  test('becomes the reason that its code stands for', () => {
    expect(foreign(Code.UNAVAILABLE)).toBe(ErrorReason.UNREACHABLE);
    expect(foreign(Code.DEADLINE_EXCEEDED)).toBe(ErrorReason.UNREACHABLE);
    expect(foreign(Code.CANCELLED)).toBe(ErrorReason.CANCELLED);
    expect(foreign(Code.RESOURCE_EXHAUSTED)).toBe(ErrorReason.MESSAGE_TOO_LARGE);
    expect(foreign(Code.UNIMPLEMENTED)).toBe(ErrorReason.UNSUPPORTED);
    expect(foreign(Code.UNAUTHENTICATED)).toBe(ErrorReason.NOT_GRANTED);
    expect(foreign(Code.DATA_LOSS)).toBe(ErrorReason.INTERNAL);
  });

  test('with details that are not ours, or no message at all, is read by its code', () => {
    expect(foreign(Code.UNAVAILABLE, Buffer.from([0xff, 0xff, 0xff]))).toBe(ErrorReason.UNREACHABLE);
    expect(foreign(Code.CANCELLED, Buffer.alloc(0))).toBe(ErrorReason.CANCELLED);
  });

  test('or a plain error never throws', () => {
    expect(errorOf(new TypeError('x')).reason).toBe(ErrorReason.INTERNAL);
    expect(errorOf(undefined).reason).toBe(ErrorReason.INTERNAL);
  });
});
