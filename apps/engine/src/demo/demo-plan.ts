/**
 * What a demonstration runs: for each connector its account, certificate and symbols, and the configuration files of
 * all processes, as data.
 */
import type { TomlTable } from '@trunkline/kit/toml';
import { formatHostPort, type HostPort } from '@trunkline/kit/values';
import type { TlsPaths } from '@trunkline/proto/link/tls';
import type { ApiKey } from './demo-state.ts';

export const ENGINE_NAME = 'main';

/** One connector a venue, by the name that `--connectors` takes. */
export const CONNECTORS = ['binance', 'bitget', 'gate'] as const;
export type ConnectorName = (typeof CONNECTORS)[number];

export const MARKETS = ['perpetual', 'spot'] as const;
export type MarketName = (typeof MARKETS)[number];

/** Name under which the sim serves the venue of each connector. */
export const SIM_VENUES: Readonly<Record<MarketName, Readonly<Record<ConnectorName, string>>>> = {
  perpetual: { binance: 'binance-usdm', bitget: 'bitget-usdt-futures', gate: 'gate-usdt-futures' },
  spot: { binance: 'binance-spot', bitget: 'bitget-spot', gate: 'gate-spot' },
};

/** The sim charges makers little, so that a narrow grid pays for itself and a short run has many fills. */
export const MAKER_FEE = '0.000002';

/** What each account starts with. A spot grid sells from what it holds. */
export const DEPOSITS: Readonly<Record<MarketName, Readonly<Record<string, string>>>> = {
  perpetual: { USDT: '100000' },
  spot: { USDT: '100000', BTC: '2' },
};

export type LinkKind = 'listen' | 'dial';

/** Order tag of a connector's account: at most five characters. */
const TAGS: Readonly<Record<ConnectorName, string>> = { binance: 'dbin', bitget: 'dbit', gate: 'dgat' };

/** The grid of the demonstration: narrow enough to trade a few times a second on the synthetic market. */
const GRID = {
  kind: 'grid',
  levels: 5,
  spacing_bps: '0.05',
  half_spread_bps: '0.04',
  quantity: '0.01',
  max_position: '0.2',
} as const;

/** Below what the venue allows, where that is little: spot takes 10 orders a second, and so does Bitget everywhere. */
const ORDERS_PER_SECOND: Readonly<Record<MarketName, Readonly<Record<ConnectorName, number>>>> = {
  perpetual: { binance: 20, bitget: 7, gate: 20 },
  spot: { binance: 7, bitget: 7, gate: 7 },
};

const LIMITS = {
  max_order_quantity: '1',
  max_order_notional: '100000',
  max_position: '1',
  max_daily_loss: '20000',
} as const;

export interface EnginePlan {
  readonly tls: TlsPaths;
  readonly stateFolder: string;
  readonly link: LinkKind;
  readonly market: MarketName;
  readonly connectors: readonly {
    readonly name: ConnectorName;
    readonly symbols: readonly string[];
    /** Where it listens, with a listen link. */
    readonly address: HostPort | undefined;
  }[];
}

export function engineConfig(plan: EnginePlan): TomlTable {
  const { tls, link } = plan;
  return {
    engine: {
      name: ENGINE_NAME,
      state: plan.stateFolder,
      tls: { ...tls },
      ...(link === 'dial' ? { gateway: '127.0.0.1:0' } : {}),
    },
    accounts: plan.connectors.map(({ name, symbols, address }) => ({
      name,
      connector: name,
      tag: TAGS[name],
      link,
      symbols: [...symbols],
      limits: { ...LIMITS, max_orders_per_second: ORDERS_PER_SECOND[plan.market][name] },
      ...(address ? { address: formatHostPort(address) } : {}),
    })),
    strategies: plan.connectors.flatMap(({ name, symbols }) =>
      symbols.map((symbol) => ({ ...GRID, account: name, symbol })),
    ),
  };
}

export interface ConnectorPlan {
  readonly name: ConnectorName;
  readonly market: MarketName;
  readonly symbols: readonly string[];
  readonly venueUrl: string;
  readonly apiKey: ApiKey;
  readonly tls: TlsPaths;
  /** Where it listens, or the engine's gateway to dial. */
  readonly link: { readonly kind: LinkKind; readonly address: HostPort };
}

export function connectorConfig(plan: ConnectorPlan): TomlTable {
  const { name, market, symbols, venueUrl, apiKey, tls, link } = plan;
  return {
    connector: {
      name,
      account: name,
      tag: TAGS[name],
      venue: name,
      market,
      symbols: [...symbols],
      api_key_file: apiKey.keyFile,
      api_secret_file: apiKey.secretFile,
      ...(name === 'bitget' ? { api_passphrase_file: apiKey.passphraseFile } : {}),
      venue_url: venueUrl,
      link: {
        mode: link.kind,
        address: formatHostPort(link.address),
        ...(link.kind === 'dial' ? { engine: ENGINE_NAME } : {}),
      },
      tls: { ...tls },
      grants: { trade: [ENGINE_NAME], observe: [ENGINE_NAME], tool: [] },
    },
  };
}
