/** An order lane whose stream can be cut, and whose way up can be made deaf, between the two ends of one process. */

import type { TradeResponse } from '../../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { ErrorReason } from '../../proto/gen/trunkline/exchange/v1/session.ts';
import type { Exchange, StreamReceiver } from '../../proto/src/exchange.ts';
import { ExchangeError } from '../../proto/src/exchange-error.ts';

export interface Cuttable {
  readonly exchange: Pick<Exchange, 'trade'>;
  /** Puts another connector behind the lane; the open stream stays with the old one. */
  connect(exchange: Pick<Exchange, 'trade'>): void;
  /** Both ends lose the stream; what was sent and not handed over is gone. */
  cut(): void;
  /** From now to the next cut, nothing of the engine's reaches the connector. */
  deafen(): void;
}

export function cuttable(first: Pick<Exchange, 'trade'>): Cuttable {
  let behind = first;
  let cutCurrent = () => {};
  let isDeaf = false;
  return {
    connect(exchange) {
      behind = exchange;
    },
    cut: () => cutCurrent(),
    deafen() {
      isDeaf = true;
    },
    exchange: {
      trade(context, receiver: StreamReceiver<TradeResponse>) {
        let isUp = true;
        isDeaf = false;
        const inner = behind.trade(context, {
          message: (message) => {
            if (isUp) receiver.message(message);
          },
          closed: (end) => {
            if (isUp) receiver.closed(end);
            isUp = false;
          },
        });
        cutCurrent = () => {
          if (!isUp) return;
          isUp = false;
          inner.cancel();
          const error = new ExchangeError(ErrorReason.UNREACHABLE, 'cut');
          queueMicrotask(() => receiver.closed({ kind: 'failed', error }));
        };
        return {
          send: (message) => {
            if (isUp && !isDeaf) inner.send(message);
          },
          end: () => inner.end(),
          cancel: () => {
            isUp = false;
            inner.cancel();
          },
        };
      },
    },
  };
}
