import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import type { VenueAccount } from '../venue-front.ts';
import { checkSigned, identify } from './access.ts';
import { isRefused, USDM_WORDING } from './errors.ts';
import { readParams } from './params.ts';

const account: VenueAccount = {
  name: 'a',
  apiKey: 'key',
  apiSecret: 'secret',
  canWithdraw: false,
  passphrase: '',
  uid: '1',
};
const NOW_MS = 1_700_000_000_000;

function check(query: string, secret = 'secret') {
  const signature = createHmac('sha256', secret).update(query).digest('hex');
  const sent = readParams(`${query}&signature=${signature}`, '');
  if (isRefused(sent)) throw new Error(sent.msg);
  return checkSigned(account, sent, NOW_MS);
}

test('a request signed with the account secret now is let in', () => {
  expect(check(`timestamp=${NOW_MS}`)).toBeUndefined();
});

test('a signature by another secret, of other text, or that is no hex is refused', () => {
  expect(check(`timestamp=${NOW_MS}`, 'other')).toMatchObject({ code: -1022, status: 400 });
  const signature = createHmac('sha256', 'secret').update('timestamp=1').digest('hex');
  for (const text of [signature, 'zz', '']) {
    const sent = readParams(`timestamp=${NOW_MS}&signature=${text}`, '');
    if (isRefused(sent)) throw new Error(sent.msg);
    expect(checkSigned(account, sent, NOW_MS)).toMatchObject({ code: text === '' ? -1102 : -1022 });
  }
});

test('the receive window is 5 s unless asked otherwise, and at most 60 s', () => {
  expect(check(`timestamp=${NOW_MS - 5_000}`)).toBeUndefined();
  expect(check(`timestamp=${NOW_MS - 5_001}`)).toMatchObject({ code: -1021 });
  expect(check(`timestamp=${NOW_MS - 60_000}&recvWindow=60000`)).toBeUndefined();
  expect(check(`timestamp=${NOW_MS}&recvWindow=60001`)).toMatchObject({ code: -1131 });
});

test('a timestamp may be less than one second ahead', () => {
  expect(check(`timestamp=${NOW_MS + 999}`)).toBeUndefined();
  expect(check(`timestamp=${NOW_MS + 1_000}`)).toMatchObject({
    code: -1021,
    msg: "Timestamp for this request was 1000ms ahead of the server's time.",
  });
});

test('a missing timestamp is a missing parameter', () => {
  expect(check('a=1')).toMatchObject({ code: -1102 });
});

test('a key is told apart by its form: absent or malformed -2014, unknown -2015', () => {
  const who = (apiKey: string | undefined) => identify([account], { apiKey, ip: '127.0.0.1' }, USDM_WORDING);
  expect(who('key')).toBe(account);
  expect(who(undefined)).toMatchObject({ code: -2014, status: 401 });
  expect(who('not a key!')).toMatchObject({ code: -2014, status: 401 });
  expect(who('unknown')).toMatchObject({ code: -2015, status: 401 });
});
