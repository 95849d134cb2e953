/**
 * The client ids of cancellations. On spot a cancel has an id of its own, sent or minted, which its answer and its
 * execution report carry beside the order's.
 */
export interface CancelIds {
  /** Runs `cancel`; the reports that it causes carry `id`, or a minted one. */
  during<T>(id: string | undefined, cancel: () => T): T;
  /** The id of the cancellation that is going on, minted where it brought none (a cancel-all has one each). */
  take(venueOrderId: string): string;
}

const MAX_KEPT = 1_000;

export function createCancelIds(mint: () => string): CancelIds {
  const taken = new Map<string, string>();
  let going: string | undefined;
  return {
    during(id, cancel) {
      going = id;
      try {
        return cancel();
      } finally {
        going = undefined;
      }
    },
    take(venueOrderId) {
      const known = taken.get(venueOrderId);
      if (known !== undefined) return known;
      const id = going ?? mint();
      taken.set(venueOrderId, id);
      const oldest = taken.keys().next();
      if (taken.size > MAX_KEPT && !oldest.done) taken.delete(oldest.value);
      return id;
    },
  };
}
