/** CON: the service says what it is, and is what it says. */

import { compare, isMultipleOf, isPositive } from '@trunkline/proto/decimal';
import { ServerReflectionRequest, ServerReflectionService } from '@trunkline/proto/gen/grpc/reflection/v1/reflection';
import {
  ClosedLookup,
  GetOrderRequest,
  ListCandlesRequest,
  ExchangeServiceService as Service,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { CandleInterval, Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { parseOrderTag, parseSymbol } from '@trunkline/proto/ids';
import { isProtocolCompatible } from '@trunkline/proto/version';
import { type Card, group } from '../card.ts';
import { method } from '../needs.ts';
import type { Bench } from '../suite/bench.ts';
import { expect, expectEqual, Mismatch } from '../suite/mismatch.ts';
import { until } from '../suite/news.ts';
import { read } from '../suite/session.ts';
import { ALL_METHODS, fullNames, UNARY_METHODS } from '../suite/vocabulary.ts';

const LIMIT_MS = 5_000;

const describeIsWhole: Card = {
  id: 'CON-01',
  title: 'Describe is whole, and the same each time',
  manner: 'beside',
  needs: [],
  action: 'Describe, twice.',
  expected: [
    'ids, tag, symbols and protocol version have their form; the boot id is the same both times',
    'capabilities name known values, depths ascend, bounds are bounds, and a minted order id fits the pattern',
    'a spot account has no position and no margin modes',
  ],
  async run(bench) {
    const first = await bench.call(Service.describe, {});
    const second = await bench.call(Service.describe, {});
    expectEqual(second, first, 'the second answer');
    expect(parseOrderTag(first.orderTag) !== undefined, 'an order tag', first.orderTag);
    expect(first.bootId !== '', 'a boot id', 'an empty one');
    expect(isProtocolCompatible(first.protocolVersion), 'a protocol version that we speak', first.protocolVersion);
    expect(first.symbols.length > 0, 'at least one symbol', 'none');
    expectEqual(new Set(first.symbols).size, first.symbols.length, 'the number of different symbols');
    const settles = first.marketType === MarketType.PERPETUAL;
    for (const symbol of first.symbols) {
      const isRight = parseSymbol(symbol) !== undefined && symbol.includes(':') === settles;
      expect(isRight, `a symbol of a ${MarketType[first.marketType]} market`, symbol);
    }
    expect(first.venueName !== '', 'a venue name', 'an empty one');
    checkCapabilities(bench);
  },
};

function checkCapabilities({ target: { capabilities, description } }: Bench): void {
  const { orderTypes, timesInForce, channels, bookDepths, deadMan, closedLookup, closedLookupMs } = capabilities;
  const lists: Readonly<Record<string, readonly number[]>> = { orderTypes, timesInForce, channels };
  for (const [what, values] of Object.entries(lists)) {
    const isKnown = values.length > 0 && values.every((value) => value > 0) && new Set(values).size === values.length;
    expect(isKnown, `${what} to be different known values`, JSON.stringify(values));
  }
  const doesAscend = bookDepths.every((depth, index) => depth > (bookDepths[index - 1] ?? 0));
  expect(doesAscend, 'book_depths to ascend', JSON.stringify(bookDepths));
  const hasBounds = deadMan === undefined || (deadMan.minMs > 0 && deadMan.minMs <= deadMan.maxMs);
  expect(hasBounds, 'dead_man.min_ms at most max_ms', JSON.stringify(deadMan));
  const hasWindow = closedLookup !== ClosedLookup.WINDOW || closedLookupMs > 0;
  expect(hasWindow, 'closed_lookup_ms of a window', String(closedLookupMs));
  expect(capabilities.requestExpiryMs > 0, 'request_expiry_ms above 0', String(capabilities.requestExpiryMs));
  const modes = capabilities.positionModes.length + capabilities.marginModes.length;
  expect(description.marketType !== MarketType.SPOT || modes === 0, 'no modes of a spot account', String(modes));
  const id = `${description.orderTag}_1_abcdef0`;
  const pattern = patternOf(capabilities.clientOrderIdPattern);
  expect(pattern.test(id), `a pattern that takes ${id}`, capabilities.clientOrderIdPattern);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new Mismatch('client_order_id_pattern to be a regular expression', text);
  }
}

const absencesHaveReasons: Card = {
  id: 'CON-02',
  title: 'Whatever is not offered is named with a reason',
  manner: 'beside',
  needs: [],
  action: 'Describe; hold its methods, channels, order types and times in force against those of the contract.',
  expected: ['each is either offered or stands in absences with a reason, never both and never neither'],
  async run({ target: { capabilities } }) {
    const offered = new Set([
      ...capabilities.methods,
      ...capabilities.channels.map((each) => `CHANNEL_${Channel[each]}`),
      ...capabilities.orderTypes.map((each) => `ORDER_TYPE_${OrderType[each]}`),
      ...capabilities.timesInForce.map((each) => `TIME_IN_FORCE_${TimeInForce[each]}`),
    ]);
    const absent = new Map(capabilities.absences.map(({ name, reason }) => [name, reason]));
    const all = [
      ...ALL_METHODS,
      ...fullNames('CHANNEL', Channel),
      ...fullNames('ORDER_TYPE', OrderType),
      ...fullNames('TIME_IN_FORCE', TimeInForce),
    ];
    const neither = all.filter((name) => !offered.has(name) && !absent.has(name));
    const both = all.filter((name) => offered.has(name) && absent.has(name));
    expectEqual(neither, [], 'what is neither offered nor absent');
    expectEqual(both, [], 'what is offered and absent');
    const bare = capabilities.absences.filter(({ reason }) => reason.trim() === '').map(({ name }) => name);
    expectEqual(bare, [], 'absences without a reason');
    const unknown = capabilities.methods.filter((name) => !ALL_METHODS.includes(name));
    expectEqual(unknown, [], 'methods that the contract does not have');
  },
};

const methodsAreServed: Card = {
  id: 'CON-03',
  title: 'The methods that are named are served, and no others',
  manner: 'beside',
  needs: [],
  action: 'Call every unary method with an empty request.',
  expected: ['a method that is named answers or refuses the request; one that is not answers UNIMPLEMENTED'],
  async run(bench) {
    const wire = await bench.wire();
    for (const [name, probe] of UNARY_METHODS) {
      const code = await probe(wire);
      const isNamed = bench.target.capabilities.methods.includes(name);
      bench.note(`${name} answered gRPC status ${code}`);
      expect((code === UNIMPLEMENTED) !== isNamed, `${name} to be ${isNamed ? '' : 'un'}implemented`, `status ${code}`);
    }
  },
};

const UNIMPLEMENTED = 12;

const instrumentsAreWhole: Card = {
  id: 'CON-04',
  title: 'ListInstruments names every symbol of Describe, each with rules that fit together',
  manner: 'beside',
  needs: [method('ListInstruments')],
  action: 'ListInstruments.',
  expected: [
    'each symbol once, base and quote as in the symbol',
    'tick, step and minimum above zero, the minimum on the step, no maximum below it',
  ],
  async run(bench) {
    const { description } = bench.target;
    const { instruments } = await bench.call(Service.listInstruments, { symbols: [], pageSize: 0, pageToken: '' });
    const names = instruments.map(({ symbol }) => symbol).sort();
    expectEqual(names, [...description.symbols].sort(), 'the symbols listed');
    for (const each of instruments) {
      const { symbol, base, quote, settle } = each;
      const name = description.marketType === MarketType.SPOT ? `${base}/${quote}` : `${base}/${quote}:${settle}`;
      expectEqual(name, symbol, 'base, quote and settle');
      expectEqual(each.marketType, description.marketType, `the market type of ${symbol}`);
      const step = read(each.quantityStep, 'quantity_step');
      const least = read(each.minQuantity, 'min_quantity');
      for (const amount of [step, least, read(each.tickSize, 'tick_size'), read(each.contractSize, 'contract_size')]) {
        expect(isPositive(amount), `amounts of ${symbol} above zero`, amount);
      }
      expect(isMultipleOf(least, step), `min_quantity of ${symbol} on the step ${step}`, least);
      const most = each.maxQuantity === undefined ? undefined : read(each.maxQuantity, 'max_quantity');
      expect(
        most === undefined || compare(most, least) >= 0,
        `max_quantity of ${symbol} not below ${least}`,
        String(most),
      );
    }
    expectEqual(bench.target.instrument.status, InstrumentStatus.TRADING, `the status of ${bench.symbol}`);
  },
};

const serverTime: Card = {
  id: 'CON-05',
  title: "GetServerTime tells the venue's time between question and answer",
  manner: 'beside',
  needs: [method('GetServerTime')],
  action: 'GetServerTime.',
  expected: ['asked_at_us at most answered_at_us; venue_time_us within a minute of them'],
  async run(bench) {
    const { askedAtUs, answeredAtUs, venueTimeUs } = await bench.call(Service.getServerTime, {});
    expect(askedAtUs > 0 && askedAtUs <= answeredAtUs, 'asked before answered', `${askedAtUs} and ${answeredAtUs}`);
    const awayMs = Math.abs(venueTimeUs - askedAtUs) / 1_000;
    expect(awayMs < 60_000, "a venue time in microseconds near the connector's", `${awayMs} ms away`);
  },
};

const reflection: Card = {
  id: 'CON-06',
  title: 'Server reflection lists the service and serves its file',
  manner: 'beside',
  needs: [],
  action: 'grpc.reflection.v1: list the services; ask for the file that contains ExchangeService.',
  expected: ['the list names trunkline.exchange.v1.ExchangeService', 'the file descriptor has bytes'],
  async run(bench) {
    const wire = await bench.wire();
    const stream = wire.stream('order', ServerReflectionService.serverReflectionInfo);
    const name = 'trunkline.exchange.v1.ExchangeService';
    const ask = (messageRequest: NonNullable<ServerReflectionRequest['messageRequest']>) =>
      stream.send(ServerReflectionRequest.fromPartial({ messageRequest }));
    ask({ $case: 'listServices', value: '' });
    ask({ $case: 'fileContainingSymbol', value: name });
    const waiting = { clock: bench.clock, subscribe: (listener: () => void) => stream.onNews(listener) };
    const answers = await until(
      waiting,
      () => (stream.received.length >= 2 ? stream.received : undefined),
      'two answers of the reflection',
      LIMIT_MS,
      () => `${stream.received.length}`,
    );
    stream.halfClose();
    const [list, file] = answers.map(({ messageResponse }) => messageResponse);
    const services = list?.$case === 'listServicesResponse' ? list.value.service.map((each) => each.name) : [];
    expect(services.includes(name), `${name} in the list`, JSON.stringify(services));
    const bytes = file?.$case === 'fileDescriptorResponse' ? file.value.fileDescriptorProto.length : 0;
    expect(bytes > 0, `the file of ${name}`, JSON.stringify(file));
  },
};

const errorsHaveReasons: Card = {
  id: 'CON-07',
  title: 'A refused call says its reason and its field in ErrorInfo',
  manner: 'beside',
  needs: [method('GetOrder'), method('ListCandles')],
  action: 'GetOrder of an unknown symbol; GetOrder without an id; ListCandles of no interval.',
  expected: ['UNKNOWN_SYMBOL', 'INVALID_FIELD', 'INVALID_FIELD of `interval`'],
  async run(bench) {
    const strange = { order: { symbol: 'NOPE/NOPE', clientOrderId: 'x', venueOrderId: '' } };
    const first = await bench.refusal(Service.getOrder, GetOrderRequest.fromPartial(strange));
    expectEqual(first.reasonName, ErrorReason[ErrorReason.UNKNOWN_SYMBOL], 'the reason');
    const nameless = { order: bench.reference('') };
    const second = await bench.refusal(Service.getOrder, GetOrderRequest.fromPartial(nameless));
    expectEqual(second.reasonName, ErrorReason[ErrorReason.INVALID_FIELD], 'the reason');
    const interval = CandleInterval.CANDLE_INTERVAL_UNSPECIFIED;
    const request = ListCandlesRequest.fromPartial({ symbol: bench.symbol, interval });
    const third = await bench.refusal(Service.listCandles, request);
    expectEqual([third.reasonName, third.field], ['INVALID_FIELD', 'interval'], 'reason and field');
  },
};

export const CONTRACT = group('CON', 'Contract', [
  describeIsWhole,
  absencesHaveReasons,
  methodsAreServed,
  instrumentsAreWhole,
  serverTime,
  reflection,
  errorsHaveReasons,
]);
