/**
 * The account of contracts: balances, positions, leverage and modes, the account book, and fees.
 *
 * L1  `leverage` 0 sets cross margin at `cross_leverage_limit`, above 0 isolated margin at that leverage: margin mode
 *     and leverage are one setting on this venue.
 */
import { asPrice, ZERO } from '@trunkline/proto/decimal';
import type { Account, Instrument, MarkedPosition, PositionSide } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type PrivateRoute, type Request, type VenueContext } from '../call.ts';
import { refusedByCore } from '../core-refusal.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { FUTURES } from '../market.ts';
import {
  flag,
  optionalInteger,
  optionalText,
  optionalWord,
  pageLimit,
  readInstrument,
  requiredInteger,
  timeBounds,
} from '../params.ts';
import { bookRows, bookView } from './account-book.ts';
import { accountView, positionView } from './account-view.ts';
import { addUpHistories } from './histories.ts';

const NO_PRICE = asPrice(ZERO);
const ROWS = { usual: 100, most: 1_000 } as const;
const BOOK_TYPES = [
  'dnw',
  'pnl',
  'fee',
  'refr',
  'fund',
  'point_dnw',
  'point_fee',
  'point_refr',
  'bonus_offset',
] as const;

export function futuresAccountRoutes({ core, accounts, onClose }: VenueContext): PrivateRoute[] {
  const histories = addUpHistories(
    core,
    accounts.map(({ name }) => name),
  );
  onClose(histories.close);

  const flatPosition = (account: VenueAccount, instrument: Instrument, side: PositionSide): MarkedPosition => ({
    symbol: instrument.symbol,
    positionSide: side,
    quantity: ZERO,
    cost: ZERO,
    entryPrice: NO_PRICE,
    realizedPnl: ZERO,
    updatedUs: 0,
    markPrice: core.markPrice(instrument.symbol)?.markPrice ?? NO_PRICE,
    leverage: core.leverage(account.name, instrument.symbol),
    marginType: core.marginType(account.name, instrument.symbol),
    unrealizedPnl: ZERO,
    notional: ZERO,
    initialMargin: ZERO,
    isolatedMargin: ZERO,
    maintenanceMargin: ZERO,
  });

  /** The positions of a contract in the account's mode, flat ones too. */
  const positionsOf = (account: VenueAccount, instrument: Instrument): readonly MarkedPosition[] => {
    const sides: readonly PositionSide[] = core.positionMode(account.name) === 'hedge' ? ['long', 'short'] : ['both'];
    const known = core.account(account.name)?.positions ?? [];
    return sides.map(
      (side) =>
        known.find(({ symbol, positionSide }) => symbol === instrument.symbol && positionSide === side) ??
        flatPosition(account, instrument, side),
    );
  };

  const views = (account: VenueAccount, instrument: Instrument) =>
    positionsOf(account, instrument).map((position) => positionView(core, position, instrument, account));

  const named = ({ path }: Request): Instrument | Refused =>
    core.instrument(path['contract'] ?? '') ?? refuse('CONTRACT_NOT_FOUND');

  const settled = (account: VenueAccount) => {
    const whole = core.account(account.name);
    const asset = whole?.assets.find((candidate) => candidate.asset === 'USDT');
    return whole === undefined || asset === undefined ? undefined : { whole, asset };
  };

  const account = (_: Request, customer: VenueAccount): Answer => {
    const known = settled(customer);
    if (known === undefined) return refuse('USER_NOT_FOUND');
    return answer(accountView(known.whole, known.asset, histories.of(customer.name)));
  };

  const allPositions = ({ fields }: Request, customer: VenueAccount): Answer => {
    const holding = flag(fields, 'holding');
    if (isRefused(holding)) return holding;
    const known: Account['positions'] = core.account(customer.name)?.positions ?? [];
    const touched = core.instruments().filter(({ symbol }) => known.some((position) => position.symbol === symbol));
    const rows = touched.flatMap((instrument) => views(customer, instrument));
    return answer(holding ? rows.filter(({ size }) => size !== 0) : rows);
  };

  const single = (request: Request, customer: VenueAccount): Answer => {
    const instrument = named(request);
    if (isRefused(instrument)) return instrument;
    const [first, second] = views(customer, instrument);
    return second === undefined ? answer(first) : refuse('POSITION_DUAL_MODE');
  };

  const dual = (request: Request, customer: VenueAccount): Answer => {
    const instrument = named(request);
    return isRefused(instrument) ? instrument : answer(views(customer, instrument));
  };

  /** L1. */
  const leverage = (request: Request, customer: VenueAccount): Refused | undefined => {
    const instrument = named(request);
    if (isRefused(instrument)) return instrument;
    const isolated = requiredInteger(request.fields, 'leverage');
    if (isRefused(isolated)) return isolated;
    const limit = optionalInteger(request.fields, 'cross_leverage_limit');
    if (isRefused(limit)) return limit;
    const { symbol } = instrument;
    const wanted = isolated === 0 ? (limit ?? core.leverage(customer.name, symbol)) : isolated;
    if (wanted < 1) return refuse('LEVERAGE_TOO_LOW');
    const set = core.setLeverage(customer.name, symbol, wanted);
    if (!set.ok) return refusedByCore(set.refusal, FUTURES);
    const marginType = isolated === 0 ? 'cross' : 'isolated';
    if (core.marginType(customer.name, symbol) === marginType) return undefined;
    const mode = core.setMarginType(customer.name, symbol, marginType);
    return mode.ok ? undefined : refusedByCore(mode.refusal, FUTURES);
  };

  /** `mode` CROSS or ISOLATED, the leverage staying as it is. */
  const crossMode = ({ fields }: Request, customer: VenueAccount): Answer => {
    const instrument = readInstrument(fields, core, FUTURES);
    if (isRefused(instrument)) return instrument;
    const mode = optionalWord(fields, 'mode', ['CROSS', 'ISOLATED']);
    if (mode === undefined) return refuse('MISSING_REQUIRED_PARAM', 'mode');
    if (isRefused(mode)) return mode;
    const marginType = mode === 'CROSS' ? 'cross' : 'isolated';
    const set = core.setMarginType(customer.name, instrument.symbol, marginType);
    if (!set.ok) return refusedByCore(set.refusal, FUTURES);
    const [first, second] = views(customer, instrument);
    return answer(second === undefined ? first : [first, second]);
  };

  const dualMode = ({ fields }: Request, customer: VenueAccount): Answer => {
    const isDual = optionalWord(fields, 'dual_mode', ['true', 'false']);
    if (isDual === undefined) return refuse('MISSING_REQUIRED_PARAM', 'dual_mode');
    if (isRefused(isDual)) return isDual;
    const mode = isDual === 'true' ? 'hedge' : 'one_way';
    if (core.positionMode(customer.name) === mode) return refuse('NO_CHANGE');
    const set = core.setPositionMode(customer.name, mode);
    if (!set.ok) return refusedByCore(set.refusal, FUTURES);
    const known = settled(customer);
    if (known === undefined) return refuse('USER_NOT_FOUND');
    return answer(accountView(known.whole, known.asset, histories.of(customer.name)));
  };

  const accountBook = ({ fields }: Request, customer: VenueAccount): Answer => {
    const limit = pageLimit(fields, ROWS.usual, ROWS.most);
    if (isRefused(limit)) return limit;
    const offset = optionalInteger(fields, 'offset');
    if (isRefused(offset)) return offset;
    const bounds = timeBounds(fields);
    if (isRefused(bounds)) return bounds;
    const type = optionalWord(fields, 'type', BOOK_TYPES);
    if (isRefused(type)) return type;
    const contract = optionalText(fields, 'contract');
    if (isRefused(contract)) return contract;
    if (contract !== undefined && core.instrument(contract) === undefined) return refuse('CONTRACT_NOT_FOUND');
    const { startUs = 0, endUs = Number.POSITIVE_INFINITY } = bounds;
    const rows = bookRows(core, customer.name);
    const views = bookView(rows, settled(customer)?.asset.walletBalance ?? ZERO);
    const newestFirst = [...rows].reverse();
    const wanted = views.filter((row, index) => {
      const timeUs = newestFirst[index]?.timeUs ?? 0;
      const isIn = timeUs >= startUs && timeUs <= endUs;
      return isIn && (type ?? row.type) === row.type && (contract ?? row.contract) === row.contract;
    });
    const from = offset ?? 0;
    return answer(wanted.slice(from, from + limit));
  };

  const fee = (): Answer =>
    answer(
      Object.fromEntries(
        core
          .instruments()
          .map(({ symbol, takerFeeRate, makerFeeRate }) => [
            symbol,
            { taker_fee: takerFeeRate, maker_fee: makerFeeRate },
          ]),
      ),
    );

  const route = (method: PrivateRoute['method'], path: string, handle: PrivateRoute['handle']): PrivateRoute => ({
    method,
    path: `${FUTURES.root}${path}`,
    access: 'private',
    budget: 'private',
    handle,
  });
  return [
    route('GET', '/accounts', account),
    route('GET', '/account_book', accountBook),
    route('GET', '/fee', fee),
    route('GET', '/positions', allPositions),
    route('GET', '/positions/{contract}', single),
    route('GET', '/dual_comp/positions/{contract}', dual),
    route('POST', '/positions/{contract}/leverage', (request, customer) => {
      const refused = leverage(request, customer);
      return refused ?? single(request, customer);
    }),
    route('POST', '/dual_comp/positions/{contract}/leverage', (request, customer) => {
      const refused = leverage(request, customer);
      return refused ?? dual(request, customer);
    }),
    route('POST', '/positions/cross_mode', crossMode),
    route('POST', '/dual_comp/positions/cross_mode', crossMode),
    route('POST', '/dual_mode', dualMode),
  ];
}
