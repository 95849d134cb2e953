/**
 * A recorded market through the whole line: sim, ccxt, connector, TLS link, the engine's feed. What the engine sees and
 * what its orders meet is what was recorded; a delta that is lost is noticed, once, and mended.
 */
import { afterEach, describe, expect, test } from 'bun:test';
import { z } from 'zod';
import { MarketFeed, type MarketUpdate } from '../apps/engine/src/exchange/market-feed.ts';
import { silentLogger } from '../packages/kit/src/log.ts';
import { Channel, GapReason, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { OrderType, PlaceOrder, Side, TimeInForce } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { compare, decimal, parseDecimal, sum } from '../proto/src/decimal.ts';
import { clock, engine, until } from '../proto/src/link/testing/rig.ts';
import type { BookView } from '../proto/src/order-book.ts';
import { seededRng } from '../proto/src/rng.ts';
import { coreOver } from './support/core.ts';
import { quoteKey, REAL_RECORDING, type Recording, readLines, realLines, recordingFile, syntheticLines } from './support/recordings.ts';
import { SYMBOL, VENUE_SYMBOL, venueRig } from './support/venue-rig.ts';
import { openWay } from './support/ways.ts';
