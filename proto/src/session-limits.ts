/**
 * The limits of a trading session that both sides count by. What a connector grants stands in its welcome; these are
 * the figures that it grants.
 */

/** Commands in flight (sent, no result yet). */
export const COMMAND_CREDIT = 256;
/** Further ones, for cancels alone. */
export const CANCEL_CREDIT = 64;

/** Whether a command only takes risk away, and may use the credit kept for cancels. */
export function isCancel(command: { readonly $case: string } | undefined): boolean {
  switch (command?.$case) {
    case 'cancel':
    case 'cancelBatch':
    case 'cancelAll':
      return true;
    default:
      return false;
  }
}
