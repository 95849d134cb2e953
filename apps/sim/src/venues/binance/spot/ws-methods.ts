/** Methods of the spot WebSocket API (`/ws-api/v3`) and the route that serves each. */
import type { WsMethods } from '../ws-api.ts';

/** Paths of what has no REST counterpart: they name it in the log of calls and to scripted faults. */
export const WS_ONLY = {
  subscribeSigned: '/ws-api/v3/userDataStream.subscribe.signature',
  subscribe: '/ws-api/v3/userDataStream.subscribe',
  unsubscribe: '/ws-api/v3/userDataStream.unsubscribe',
  logon: '/ws-api/v3/session.logon',
  logout: '/ws-api/v3/session.logout',
  status: '/ws-api/v3/session.status',
  subscriptions: '/ws-api/v3/session.subscriptions',
} as const;

export const SPOT_WS_METHODS: WsMethods = new Map([
  ['ping', ['GET', '/api/v3/ping']],
  ['time', ['GET', '/api/v3/time']],
  ['exchangeInfo', ['GET', '/api/v3/exchangeInfo']],
  ['depth', ['GET', '/api/v3/depth']],
  ['trades.recent', ['GET', '/api/v3/trades']],
  ['trades.aggregate', ['GET', '/api/v3/aggTrades']],
  ['klines', ['GET', '/api/v3/klines']],
  ['uiKlines', ['GET', '/api/v3/uiKlines']],
  ['avgPrice', ['GET', '/api/v3/avgPrice']],
  ['ticker.24hr', ['GET', '/api/v3/ticker/24hr']],
  ['ticker.price', ['GET', '/api/v3/ticker/price']],
  ['ticker.book', ['GET', '/api/v3/ticker/bookTicker']],
  ['order.place', ['POST', '/api/v3/order']],
  ['order.test', ['POST', '/api/v3/order/test']],
  ['order.status', ['GET', '/api/v3/order']],
  ['order.cancel', ['DELETE', '/api/v3/order']],
  ['order.cancelReplace', ['POST', '/api/v3/order/cancelReplace']],
  ['openOrders.status', ['GET', '/api/v3/openOrders']],
  ['openOrders.cancelAll', ['DELETE', '/api/v3/openOrders']],
  ['allOrders', ['GET', '/api/v3/allOrders']],
  ['myTrades', ['GET', '/api/v3/myTrades']],
  ['account.status', ['GET', '/api/v3/account']],
  ['account.commission', ['GET', '/api/v3/account/commission']],
  ['account.rateLimits.orders', ['GET', '/api/v3/rateLimit/order']],
  ['session.logon', ['POST', WS_ONLY.logon]],
  ['session.logout', ['POST', WS_ONLY.logout]],
  ['session.status', ['POST', WS_ONLY.status]],
  ['session.subscriptions', ['POST', WS_ONLY.subscriptions]],
  ['userDataStream.subscribe', ['POST', WS_ONLY.subscribe]],
  ['userDataStream.subscribe.signature', ['POST', WS_ONLY.subscribeSigned]],
  ['userDataStream.unsubscribe', ['POST', WS_ONLY.unsubscribe]],
]);
