/** Names of the contract's methods, as Describe lists them: what every market offers, and what only perpetuals have. */

export const COMMON_METHODS = [
  'Describe',
  'ListInstruments',
  'Trade',
  'MarketData',
  'PlaceOrder',
  'AmendOrder',
  'CancelOrder',
  'CancelAllOrders',
  'GetOrder',
  'ListOpenOrders',
  'ListFills',
  'GetBalances',
  'ListCandles',
  'GetServerTime',
] as const;

export const PERPETUAL_METHODS = [
  'ListPositions',
  'ListFundingPayments',
  'GetAccountSettings',
  'GetFundingRate',
  'SetLeverage',
  'SetMarginMode',
  'SetPositionMode',
] as const;
