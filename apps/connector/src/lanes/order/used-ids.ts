/**
 * Client order ids that went to the venue with this boot. A second use is refused here because
 * the venues do not: to them an id is free again once its order has ended, and a re-sent order is a second order.
 *
 * U1  The newest `MAX_USED_IDS` are remembered. That is minutes at the highest rate a venue allows, and a peer that
 *     repeats itself does so at once: its command numbers must grow, so nothing old comes back by itself.
 */
export const MAX_USED_IDS = 65_536;

export class UsedIds {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= MAX_USED_IDS) return;
    // A set iterates in order of insertion: the first is the oldest.
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      break;
    }
  }
}
