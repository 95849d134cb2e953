/**
 * What the account lost since midnight UTC: booked and unrealised profit and funding less fees, against the same figure when the
 * day was first seen. The anchor is kept in the journal, so that a restart does not forgive a loss.
 *
 * Fees in a third asset are not in it: they have no price here.
 */
import type { Clock } from '@trunkline/proto/clock';
import { add, type Decimal, subtract } from '@trunkline/proto/decimal';
import { z } from 'zod';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { Journal } from '../journal/journal.ts';
import { decimalText } from '../orders/order-event.ts';
import type { PnlTotals } from '../positions/position-book.ts';

const anchorSchema = z.object({ day: z.int(), net: decimalText });
const DAY_US = 86_400_000_000;

export class DayLoss {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #failed: (error: unknown) => void;
  #anchor: z.infer<typeof anchorSchema> | undefined;

  private constructor(options: DayLossOptions) {
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#key = `day/${options.account}`;
    this.#failed = options.failed;
  }

  static async open(options: DayLossOptions): Promise<DayLoss> {
    const loss = new DayLoss(options);
    const text = await options.journal.readState(loss.#key);
    const parsed = text === undefined ? undefined : anchorSchema.safeParse(JSON.parse(text));
    if (parsed && !parsed.success) throw new Error(`${loss.#key} cannot be read: ${parsed.error.message}`);
    loss.#anchor = parsed?.data;
    return loss;
  }

  /** Positive when money was lost. */
  now(totals: PnlTotals): Decimal {
    const gross = add(totals.booked, totals.unrealized);
    const net = subtract(add(gross, totals.funding), totals.feesValue);
    const day = Math.floor(this.#clock.wallUs() / DAY_US);
    if (this.#anchor?.day !== day) {
      this.#anchor = { day, net };
      // Without the write the day starts anew after a restart; the next day tries again.
      this.#journal.writeState(this.#key, canonicalJson(this.#anchor)).catch(this.#failed);
    }
    return subtract(this.#anchor.net, net);
  }
}

export interface DayLossOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly account: string;
  /** The anchor could not be written. */
  readonly failed: (error: unknown) => void;
}
