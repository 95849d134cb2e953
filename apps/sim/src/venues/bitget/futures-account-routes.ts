/** Balances, positions, bills and settings of the futures account: `/api/v2/mix/account/*`, `/api/v2/mix/position/*`. */
import type { Account, Instrument, PositionMode } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import { billOfFill, billOfFunding, listedMarginAccount, marginAccount, withBalances } from './account-view.ts';
import { type Answer, answer, type Route, signedRoute, type VenueContext } from './call.ts';
import { refusedByCore } from './core-refusal.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { readMarginMode } from './order-input.ts';
import { listFills, listFunding } from './order-requests.ts';
import { marginModeText } from './order-view.ts';
import { readPage } from './page.ts';
import { oneOf, optional, optionalInteger, type Params, type Sent } from './params.ts';
import { closedPosition, closedRounds, openPositions, restPosition } from './position-view.ts';
import { checkMarginCoin, readContract, readOptionalInstrument, readProduct } from './subject.ts';

const PAGE = { usual: 20, most: 100 } as const;
const POSITION_MODES = { one_way: 'one_way_mode', hedge: 'hedge_mode' } as const satisfies Record<PositionMode, string>;

export function futuresAccountRoutes(context: VenueContext): readonly Route[] {
  const { core, product } = context;

  const accountOf = (owner: VenueAccount): Account | Refused => core.account(owner.name) ?? refuse('BAD_KEY');

  /** A setting of one contract: product, symbol and margin coin are all mandatory. */
  const readSetting = (params: Params): Instrument | Refused => {
    const instrument = readContract(params, core, product);
    return isRefused(instrument) ? instrument : (checkMarginCoin(params, instrument) ?? instrument);
  };

  const accounts = ({ params }: Sent, owner: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const account = accountOf(owner);
    if (isRefused(account)) return account;
    return answer(type.ours ? account.assets.map(listedMarginAccount) : []);
  };

  const single = ({ params }: Sent, owner: VenueAccount): Answer => {
    const instrument = readSetting(params);
    if (isRefused(instrument)) return instrument;
    const account = accountOf(owner);
    if (isRefused(account)) return account;
    const asset = account.assets.find((candidate) => candidate.asset === instrument.quote);
    if (asset === undefined) return refuse('NO_SUCH_PARAMETER', optional(params, 'marginCoin') ?? '');
    const leverage = String(core.leverage(owner.name, instrument.symbol));
    return answer({
      ...marginAccount(asset),
      crossedMarginLeverage: leverage,
      isolatedLongLever: leverage,
      isolatedShortLever: leverage,
      marginMode: marginModeText(core.marginType(owner.name, instrument.symbol)),
      posMode: POSITION_MODES[core.positionMode(owner.name)],
    });
  };

  const positions = (params: Params, owner: VenueAccount, symbol: string | undefined): Answer => {
    const account = accountOf(owner);
    if (isRefused(account)) return account;
    const coin = optional(params, 'marginCoin')?.toUpperCase();
    const rows = openPositions(account, context)
      .filter((position) => symbol === undefined || position.symbol === symbol)
      .map((position) => restPosition(position, account, context))
      .filter(({ marginCoin }) => coin === undefined || marginCoin === coin);
    return answer(rows);
  };

  const allPositions = ({ params }: Sent, owner: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    return type.ours ? positions(params, owner, undefined) : answer([]);
  };

  const singlePosition = ({ params }: Sent, owner: VenueAccount): Answer => {
    const instrument = readSetting(params);
    return isRefused(instrument) ? instrument : positions(params, owner, instrument.symbol);
  };

  const historyPositions = ({ params }: Sent, owner: VenueAccount): Answer => {
    const instrument = readOptionalInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const account = accountOf(owner);
    if (isRefused(account)) return account;
    const rounds = account.positions
      .filter(({ symbol }) => instrument === undefined || symbol === instrument.symbol)
      .flatMap((position) => closedRounds(owner.name, position, context))
      .toSorted((a, b) => a.round.updatedUs - b.round.updatedUs);
    const page = readPage(params, rounds, ({ round }) => round.id, PAGE);
    return isRefused(page) ? page : answer({ list: page.rows.map(closedPosition), endId: page.endId });
  };

  const bills = ({ params }: Sent, owner: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const account = accountOf(owner);
    if (isRefused(account)) return account;
    const fills = listFills(params, owner, context);
    if (isRefused(fills)) return fills;
    const funding = listFunding(params, owner, context);
    if (isRefused(funding)) return funding;
    const history = [...fills.map(billOfFill), ...funding.map(billOfFunding)].toSorted((a, b) => a.timeUs - b.timeUs);
    const wallets = new Map(account.assets.map(({ asset, walletBalance }) => [asset, walletBalance]));
    const wanted = optional(params, 'businessType');
    const entries = withBalances(type.ours ? history : [], wallets).filter(
      ({ businessType }) => wanted === undefined || businessType === wanted,
    );
    const page = readPage(params, entries, ({ billId }) => billId, PAGE);
    return isRefused(page) ? page : answer({ bills: page.rows, endId: page.endId });
  };

  const setLeverage = ({ params }: Sent, owner: VenueAccount): Answer => {
    const instrument = readSetting(params);
    if (isRefused(instrument)) return instrument;
    // In cross margin the two sides share one leverage; `longLeverage` comes first where both are sent.
    const asked = ['longLeverage', 'leverage', 'shortLeverage'].find((name) => optional(params, name) !== undefined);
    const leverage = optionalInteger(params, asked ?? 'leverage');
    if (isRefused(leverage)) return leverage;
    if (leverage === undefined) return refuse('EMPTY_PARAMETER', 'leverage');
    const verdict = core.setLeverage(owner.name, instrument.symbol, leverage);
    if (!verdict.ok) return refusedByCore(verdict.refusal, { core, product, instrument });
    return answer({ ...leverageFields(owner, instrument), crossMarginLeverage: String(leverage) });
  };

  const setMarginMode = ({ params }: Sent, owner: VenueAccount): Answer => {
    const instrument = readSetting(params);
    if (isRefused(instrument)) return instrument;
    const mode = readMarginMode(params);
    if (isRefused(mode)) return mode;
    const verdict = core.setMarginType(owner.name, instrument.symbol, mode === 'crossed' ? 'cross' : 'isolated');
    if (!verdict.ok) return refusedByCore(verdict.refusal, { core, product, instrument });
    return answer(leverageFields(owner, instrument));
  };

  const setPositionMode = ({ params }: Sent, owner: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const posMode = oneOf(params, 'posMode', [POSITION_MODES.one_way, POSITION_MODES.hedge]);
    if (isRefused(posMode)) return posMode;
    if (posMode === undefined) return refuse('EMPTY_PARAMETER', 'posMode');
    const verdict = core.setPositionMode(owner.name, posMode === POSITION_MODES.hedge ? 'hedge' : 'one_way');
    return verdict.ok ? answer({ posMode }) : refuse('POSITION_MODE_LOCKED');
  };

  const leverageFields = (owner: VenueAccount, instrument: Instrument) => {
    const leverage = String(core.leverage(owner.name, instrument.symbol));
    return {
      symbol: instrument.symbol,
      marginCoin: instrument.quote,
      longLeverage: leverage,
      shortLeverage: leverage,
      marginMode: marginModeText(core.marginType(owner.name, instrument.symbol)),
    };
  };

  const account = '/api/v2/mix/account';
  const position = '/api/v2/mix/position';
  return [
    signedRoute('GET', `${account}/accounts`, 10, accounts),
    signedRoute('GET', `${account}/account`, 10, single),
    signedRoute('GET', `${account}/bill`, 10, bills),
    signedRoute('POST', `${account}/set-leverage`, 5, setLeverage),
    signedRoute('POST', `${account}/set-margin-mode`, 5, setMarginMode),
    signedRoute('POST', `${account}/set-position-mode`, 5, setPositionMode),
    signedRoute('GET', `${position}/all-position`, 5, allPositions),
    signedRoute('GET', `${position}/single-position`, 10, singlePosition),
    signedRoute('GET', `${position}/history-position`, 20, historyPositions),
  ];
}
