/** The examples of the venue's documents ("Gate APIv4 signed request requirements"), and the forms of the sockets. */
import { expect, test } from 'bun:test';
import { Secret } from '@trunkline/kit/secret';
import { signApi, signRest, signSubscription } from './signature.ts';

const secret = new Secret('secret');

test.each([
  [
    'a GET with a query',
    { method: 'GET', query: 'contract=BTC_USD&status=finished&limit=50', body: '' },
    '55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a',
  ],
  [
    'a POST with a body',
    {
      method: 'POST',
      query: '',
      body: '{"contract":"BTC_USD","type":"limit","size":100,"price":6800,"time_in_force":"gtc"}',
    },
    'eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541fc4c2c14017581b4199a1418d54471c269c03a38d788d802e2c306c37636389f0',
  ],
])('%s is signed as documented', (_, call, signature) => {
  expect(signRest(secret, { ...call, path: '/api/v4/futures/orders', seconds: 1541993715 })).toBe(signature);
});

const hmac = (text: string) => new Bun.CryptoHasher('sha512', 'secret').update(text).digest('hex');

test('subscriptions and requests of the WebSocket API are signed over texts of their own', () => {
  expect(signSubscription(secret, 'spot.orders', 'subscribe', 7)).toBe(
    hmac('channel=spot.orders&event=subscribe&time=7'),
  );
  expect(signApi(secret, 'spot.login', '{}', 7)).toBe(hmac('api\nspot.login\n{}\n7'));
});
