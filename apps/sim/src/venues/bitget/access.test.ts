import { afterEach, expect, test } from 'bun:test';
import { ACCOUNT, type CallOptions, loginFrame, startVenue, type TestVenue } from './test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const PENDING = '/api/v2/mix/order/orders-pending';
const nowMs = () => Math.floor(venue.clock.wallUs() / 1_000);

test('a request is refused for the first thing that is wrong with who sent it, and when', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const ask = async (options: CallOptions) => {
    const { status, body } = await venue.call('GET', PENDING, { productType: 'USDT-FUTURES' }, options);
    return [status, body.code, body.msg];
  };
  expect(await ask({})).toEqual([200, '00000', 'success']);
  expect(await ask({ without: ['ACCESS-KEY'] })).toEqual([400, '40001', 'ACCESS_KEY cannot be empty']);
  expect(await ask({ without: ['ACCESS-SIGN'] })).toEqual([400, '40003', 'Signature cannot be empty']);
  expect(await ask({ without: ['ACCESS-PASSPHRASE'] })).toEqual([400, '40011', 'ACCESS_PASSPHRASE cannot be empty']);
  expect(await ask({ without: ['ACCESS-TIMESTAMP'] })).toEqual([400, '40005', 'Invalid ACCESS_TIMESTAMP']);
  expect(await ask({ timestamp: 'soon' })).toEqual([400, '40005', 'Invalid ACCESS_TIMESTAMP']);
  expect(await ask({ timestamp: nowMs() - 30_001 })).toEqual([400, '40008', 'Request timestamp expired']);
  expect(await ask({ timestamp: nowMs() + 30_001 })).toEqual([400, '40008', 'Request timestamp expired']);
  expect(await ask({ timestamp: nowMs() - 30_000 })).toEqual([200, '00000', 'success']);
  expect(await ask({ apiKey: 'other' })).toEqual([400, '40006', 'Invalid ACCESS_KEY']);
  expect(await ask({ passphrase: 'other' })).toEqual([400, '40012', 'apikey/password is incorrect']);
  expect(await ask({ apiSecret: 'other' })).toEqual([400, '40009', 'sign signature error']);
});

test('an error has the envelope of an answer', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const { body } = await venue.get('/api/v2/nowhere');
  expect<unknown>(body).toEqual({ code: '40404', msg: 'Request URL NOT FOUND', requestTime: nowMs(), data: null });
});

test('a request outside of the window that it names is refused, inside it is not', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const ask = async (requestTime: number, receiveWindow: number) => {
    const params = { productType: 'USDT-FUTURES', requestTime, receiveWindow };
    return (await venue.call('POST', '/api/v2/mix/order/cancel-all-orders', params)).body.code;
  };
  expect(await ask(nowMs() - 2_001, 2_000)).toBe('40078');
  expect(await ask(nowMs() - 2_000, 2_000)).toBe('22001');
  expect(await ask(nowMs(), 60_000)).toBe('40079');
});

test('the key says whether it may withdraw, and that the account is a classic one', async () => {
  venue = await startVenue('bitget-usdt-futures', {
    accounts: [ACCOUNT, { ...ACCOUNT, name: 'rich', apiKey: 'rich-key', canWithdraw: true }],
  });
  const rights = async (options: CallOptions) =>
    Object((await venue.call('GET', '/api/v2/spot/account/info', {}, options)).body.data).authorities;
  expect(await rights({})).not.toContain('wwow');
  expect(await rights({ apiKey: 'rich-key' })).toContain('wwow');
  const probe = await venue.call('GET', '/api/v3/account/settings');
  expect(probe).toMatchObject({ status: 400, body: { code: '25245' } });
});

test('a login is answered, or refused with its own code and the connection closed', async () => {
  venue = await startVenue('bitget-usdt-futures');
  const seconds = String(Math.floor(nowMs() / 1_000));
  const answerTo = async (frame: object) => {
    const socket = await venue.open('private');
    socket.send(frame);
    const [answer] = await socket.take(1);
    return { answer, socket };
  };
  expect((await answerTo(loginFrame(seconds))).answer).toEqual({
    event: 'login',
    code: 0,
    connId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect((await answerTo(loginFrame(String(nowMs())))).answer).toMatchObject({ event: 'login', code: 0 });
  for (const [frame, code] of [
    [loginFrame(seconds, { apiKey: 'other' }), 30011],
    [loginFrame(seconds, { passphrase: 'other' }), 30012],
    [loginFrame('soon'), 30013],
    [loginFrame(String(Number(seconds) - 31)), 30014],
    [loginFrame(seconds, { apiSecret: 'other' }), 30015],
  ] as const) {
    const { answer, socket } = await answerTo(frame);
    expect(answer).toMatchObject({ event: 'error', code });
    await socket.closed;
  }
});
