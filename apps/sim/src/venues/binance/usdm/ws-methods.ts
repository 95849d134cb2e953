/** Methods of the USD-M WebSocket API (`/ws-fapi/v1`) and the route that serves each. */
import type { WsMethods } from '../ws-api.ts';

export const USDM_WS_METHODS: WsMethods = new Map([
  ['ping', ['GET', '/fapi/v1/ping']],
  ['time', ['GET', '/fapi/v1/time']],
  ['depth', ['GET', '/fapi/v1/depth']],
  ['ticker.book', ['GET', '/fapi/v1/ticker/bookTicker']],
  ['ticker.price', ['GET', '/fapi/v1/ticker/price']],
  ['order.place', ['POST', '/fapi/v1/order']],
  ['order.modify', ['PUT', '/fapi/v1/order']],
  ['order.cancel', ['DELETE', '/fapi/v1/order']],
  ['order.status', ['GET', '/fapi/v1/order']],
  ['account.balance', ['GET', '/fapi/v2/balance']],
  ['v2/account.balance', ['GET', '/fapi/v3/balance']],
  ['account.status', ['GET', '/fapi/v2/account']],
  ['v2/account.status', ['GET', '/fapi/v3/account']],
  ['account.position', ['GET', '/fapi/v2/positionRisk']],
  ['v2/account.position', ['GET', '/fapi/v3/positionRisk']],
  ['userDataStream.start', ['POST', '/fapi/v1/listenKey']],
  ['userDataStream.ping', ['PUT', '/fapi/v1/listenKey']],
  ['userDataStream.stop', ['DELETE', '/fapi/v1/listenKey']],
]);
