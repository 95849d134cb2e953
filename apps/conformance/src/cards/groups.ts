/** All cards, in the order in which they are documented. */
import type { CardGroup } from '../card.ts';
import { ACCOUNT } from './account.ts';
import { AMEND } from './amend.ts';
import { BATCH } from './batch.ts';
import { BOOK } from './book.ts';
import { CANCEL } from './cancel.ts';
import { CONTRACT } from './contract.ts';
import { CREDIT } from './credit.ts';
import { DECIMALS } from './decimals.ts';
import { DRAINING } from './draining.ts';
import { DUPLICATES } from './duplicates.ts';
import { FENCING } from './fencing.ts';
import { GRANTS } from './grants.ts';
import { MARKET_DATA } from './market-data.ts';
import { ORDER_LIFE } from './order-life.ts';
import { PAGING } from './paging.ts';
import { POISON } from './poison.ts';
import { PROMISES } from './promises.ts';
import { SESSION } from './session.ts';
import { VALIDITY } from './validity.ts';
import { VENUE } from './venue.ts';

export const CARD_GROUPS: readonly CardGroup[] = [
  CONTRACT,
  DECIMALS,
  ORDER_LIFE,
  PROMISES,
  AMEND,
  BATCH,
  CANCEL,
  DUPLICATES,
  SESSION,
  FENCING,
  CREDIT,
  VALIDITY,
  GRANTS,
  POISON,
  MARKET_DATA,
  BOOK,
  ACCOUNT,
  PAGING,
  VENUE,
  DRAINING,
];
