/** One broken promise each, and the card that guards it. */
import { DescribeResponse } from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { DenyRule, type OrderOutcome, RejectReason } from '../../proto/gen/trunkline/exchange/v1/order.ts';
import {
  ErrorReason,
  NotResumedReason,
  type SessionEvent,
  SessionMode,
} from '../../proto/gen/trunkline/exchange/v1/session.ts';
import {
  answers,
  marketEvents,
  marketRequests,
  outcomes,
  type Sabotage,
  tradeEvents,
  tradeFrames,
  welcomes,
} from './saboteur.ts';

export interface Broken {
  readonly what: string;
  /** The only card of the panel that may fail. */
  readonly card: string;
  readonly sabotage: Sabotage;
}

const HOUR_US = 3_600_000_000;
/** Enough events for a card that is about them, more than others have. */
const TENTH = 10;

export const BROKEN: readonly Broken[] = [
  { what: 'drops an event', card: 'SES-02', sabotage: nthEvent(TENTH, () => []) },
  { what: 'says an event twice', card: 'SES-02', sabotage: nthEvent(TENTH, (event) => [event, event]) },
  {
    what: 'describes no reason for what it lacks',
    card: 'CON-02',
    sabotage: answers('describe', (honest) => async (...args) => {
      const answer = await honest.describe(...args);
      const absences = (answer.capabilities?.absences ?? []).concat({ name: 'CHANNEL_TRADES', reason: '' });
      return DescribeResponse.fromPartial({ ...answer, capabilities: { ...answer.capabilities, absences } });
    }),
  },
  {
    what: 'serves a method that it does not name',
    card: 'CON-03',
    sabotage: answers('describe', (honest) => async (...args) => {
      const answer = await honest.describe(...args);
      const methods = (answer.capabilities?.methods ?? []).filter((name) => name !== 'GetServerTime');
      return DescribeResponse.fromPartial({ ...answer, capabilities: { ...answer.capabilities, methods } });
    }),
  },
  {
    what: 'writes a balance with an exponent',
    card: 'DEC-01',
    sabotage: answers('getBalances', (honest) => async (...args) => {
      const answer = await honest.getBalances(...args);
      return { ...answer, balances: answer.balances.map((balance) => ({ ...balance, total: '1e-7' })) };
    }),
  },
  {
    what: 'writes prices with idle zeros',
    card: 'DEC-02',
    sabotage: tradeEvents(() => (given) => {
      const { event } = given;
      if (event?.$case !== 'fill') return [given];
      const price = `${event.value.price}${event.value.price.includes('.') ? '' : '.'}00`;
      return [{ ...given, event: { $case: 'fill', value: { ...event.value, price } } }];
    }),
  },
  {
    what: 'forgets the fees',
    card: 'ORD-02',
    sabotage: tradeEvents(() => (given) => {
      const { event } = given;
      if (event?.$case !== 'fill') return [given];
      return [{ ...given, event: { $case: 'fill', value: { ...event.value, fee: '0' } } }];
    }),
  },
  {
    what: 'proves an absence that is none',
    card: 'ORD-10',
    sabotage: answers('getOrder', () => async () => ({
      answer: { $case: 'absent', value: { proved: true, searched: [1], searchedAtUs: 1, reason: '' } },
    })),
  },
  {
    what: 'answers an amend under the old id',
    card: 'AMD-01',
    sabotage: outcomes((outcome) => ({ ...outcome, clientOrderId: `${outcome.clientOrderId.slice(0, -1)}_` })),
  },
  {
    what: 'turns the outcomes of a batch around',
    card: 'BAT-01',
    sabotage: outcomes((outcome, index, all) => all[all.length - 1 - index] ?? outcome),
  },
  {
    what: 'calls a cancel of nothing a success',
    card: 'CXL-01',
    sabotage: outcomes((outcome) =>
      outcome.fate?.$case === 'rejected' && outcome.fate.value.reason === RejectReason.ORDER_NOT_OPEN
        ? { ...outcome, fate: { $case: 'accepted', value: { order: undefined } } }
        : outcome,
    ),
  },
  {
    what: 'does not say that an id was used',
    card: 'DUP-01',
    sabotage: insteadOf(DenyRule.DUPLICATE, DenyRule.INVALID),
  },
  {
    what: 'leaves out the first event of a replay',
    card: 'SES-03',
    sabotage: tradeFrames(() => {
      let skips = false;
      return {
        down: (frame) => {
          if (frame.$case === 'welcome') skips = frame.value.resumed;
          if (frame.$case !== 'event' || !skips) return [frame];
          skips = false;
          return [];
        },
      };
    }),
  },
  {
    what: 'claims to resume another boot',
    card: 'SES-04',
    sabotage: welcomes((welcome) =>
      welcome.notResumedReason === NotResumedReason.NEW_BOOT
        ? { ...welcome, resumed: true, notResumedReason: NotResumedReason.UNSPECIFIED }
        : welcome,
    ),
  },
  {
    what: 'forgets which commands arrived',
    card: 'SES-06',
    sabotage: welcomes((welcome) => ({ ...welcome, lastCommandSeq: 0 })),
  },
  {
    what: 'leaves heartbeats unanswered',
    card: 'SES-07',
    sabotage: tradeFrames(() => ({
      down: (frame) => (frame.$case === 'heartbeat' && frame.value.echo !== undefined ? [] : [frame]),
    })),
  },
  { what: 'serves a stale epoch', card: 'FEN-02', sabotage: hellos((hello) => ({ ...hello, epoch: fresh() })) },
  {
    what: 'serves one epoch to two engines',
    card: 'FEN-03',
    sabotage: hellos((hello) => ({ ...hello, engineId: 'everybody' })),
  },
  {
    what: 'serves an attempt again',
    card: 'FEN-05',
    sabotage: hellos((hello) => (isAgain(hello.epoch) ? { ...hello, attempt: fresh() } : hello)),
  },
  {
    what: 'gives results of an epoch before to the new owner as its own',
    card: 'FEN-06',
    sabotage: tradeFrames(() => {
      let epoch = 0;
      return {
        down: (frame) => {
          if (frame.$case === 'welcome') epoch = frame.value.epoch;
          if (frame.$case !== 'event' || frame.value.event?.$case !== 'result') return [frame];
          const value = { ...frame.value.event.value, epoch };
          return [{ $case: 'event', value: { ...frame.value, event: { $case: 'result', value } } }];
        },
      };
    }),
  },
  { what: 'takes commands without end', card: 'CRD-01', sabotage: insteadOf(DenyRule.BACKPRESSURE, DenyRule.INVALID) },
  {
    what: 'ignores the window of events',
    card: 'CRD-02',
    sabotage: hellos((hello) => ({ ...hello, eventWindow: 4_096 })),
  },
  {
    what: 'believes any ack',
    card: 'CRD-03',
    sabotage: tradeFrames(() => ({
      up: (frame) => (frame.$case === 'ack' && frame.value.seq > 1_000_000 ? [] : [frame]),
    })),
  },
  {
    what: 'sends market data without credit',
    card: 'CRD-05',
    sabotage: marketRequests((frame) =>
      frame.$case === 'hello' ? { ...frame, value: { ...frame.value, initialCredit: 1_000 } } : frame,
    ),
  },
  {
    what: 'carries out what has expired',
    card: 'VAL-01',
    sabotage: tradeFrames(() => ({
      up: (frame) =>
        frame.$case === 'command'
          ? [{ ...frame, value: { ...frame.value, validUntilUs: frame.value.validUntilUs + HOUR_US } }]
          : [frame],
    })),
  },
  {
    what: 'lets observers trade',
    card: 'GRT-01',
    sabotage: (honest) => ({
      trade: (context, receiver) => honest.trade({ ...context, caller: { role: 'engine', name: 'main' } }, receiver),
    }),
  },
  {
    what: 'takes unary orders beside a session',
    card: 'GRT-04',
    sabotage: answers('placeOrder', () => async ({ order }) => ({
      outcome: accepted(order?.clientOrderId ?? ''),
    })),
  },
  {
    what: 'does not name a field',
    card: 'PSN-01',
    sabotage: outcomes((outcome) =>
      outcome.fate?.$case === 'denied' && outcome.fate.value.field === 'side'
        ? { ...outcome, fate: { $case: 'denied', value: { ...outcome.fate.value, field: '' } } }
        : outcome,
    ),
  },
  {
    what: 'quotes a bid above the ask',
    card: 'MKT-01',
    sabotage: marketEvents(() => (given) => {
      const { event } = given;
      if (event?.$case !== 'bestQuote') return [given];
      const { bidPrice, askPrice } = event.value;
      const value = { ...event.value, bidPrice: askPrice, askPrice: bidPrice };
      return [{ ...given, event: { $case: 'bestQuote', value } }];
    }),
  },
  {
    what: 'says trades twice',
    card: 'MKT-02',
    sabotage: marketEvents(() => (given) => (given.event?.$case === 'trade' ? [given, given] : [given])),
  },
  {
    what: 'refuses topics without a reason',
    card: 'MKT-09',
    sabotage: marketEvents(() => (given) => {
      const { event } = given;
      if (event?.$case !== 'subscription') return [given];
      const value = { ...event.value, reason: ErrorReason.UNSPECIFIED };
      return [{ ...given, event: { $case: 'subscription', value } }];
    }),
  },
  {
    what: 'loses an update of a book',
    card: 'BOK-01',
    sabotage: marketEvents(() => {
      let updates = 0;
      return (given) => {
        if (given.event?.$case === 'bookUpdate') updates += 1;
        return given.event?.$case === 'bookUpdate' && updates === 3 ? [] : [given];
      };
    }),
  },
  {
    what: 'reads any page token as the first page',
    card: 'PAG-06',
    sabotage: answers(
      'listOpenOrders',
      (honest) => (request, context) => honest.listOpenOrders({ ...request, pageToken: '' }, context),
    ),
  },
];

function nthEvent(n: number, change: (event: SessionEvent) => SessionEvent[]): Sabotage {
  return tradeEvents(() => {
    let count = 0;
    return (event) => (++count === n ? change(event) : [event]);
  });
}

type Hello = Extract<
  Parameters<NonNullable<ReturnType<Parameters<typeof tradeFrames>[0]>['up']>>[0],
  { $case: 'hello' }
>;

/** Of those who want to trade. */
function hellos(change: (hello: Hello['value']) => Hello['value']): Sabotage {
  return tradeFrames(() => ({
    up: (frame) =>
      frame.$case === 'hello' && frame.value.mode === SessionMode.TRADE
        ? [{ $case: 'hello', value: change(frame.value) }]
        : [frame],
  }));
}

const greeted = new Set<number>();
function isAgain(epoch: number): boolean {
  const isKnown = greeted.has(epoch);
  greeted.add(epoch);
  return isKnown;
}

let freshest = 1_000_000;
function fresh(): number {
  freshest += 1;
  return freshest;
}

function insteadOf(rule: DenyRule, other: DenyRule): Sabotage {
  return outcomes((outcome) =>
    outcome.fate?.$case === 'denied' && outcome.fate.value.rule === rule
      ? { ...outcome, fate: { $case: 'denied', value: { ...outcome.fate.value, rule: other } } }
      : outcome,
  );
}

function accepted(clientOrderId: string): OrderOutcome {
  return {
    clientOrderId,
    fate: { $case: 'accepted', value: { order: undefined } },
    receivedAtUs: 1,
    venueOrderId: '1',
  };
}
